import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** Whether a host is real is said by whoever made its token, never by the host (threat-model T18). */
export const originOfTokens: Migration = {
  id: '0006-origin-of-tokens',
  async up(transaction) {
    await sql`alter table enrolment_tokens add column origin text not null default 'agent'
      check (origin in ('agent', 'recorded', 'simulated'))`.execute(transaction)
  },
}

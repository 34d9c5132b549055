import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** What lists and filters read of a host's live patching tools. */
export const providers: Migration = {
  id: '0007-providers',
  async up(transaction) {
    await sql`alter table hosts
      add column effective_kernel text,
      add column reboot text not null default 'unknown' check (reboot in ('no', 'yes', 'yes_but_covered', 'unknown')),
      add column cves text[] not null default '{}'`.execute(transaction)
  },
}

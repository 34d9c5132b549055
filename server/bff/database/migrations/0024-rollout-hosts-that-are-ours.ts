import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** Whether a rollout changed the host, out of its progress: counted at each look at a rollout of ten thousand hosts. */
export const rolloutHostsThatAreOurs: Migration = {
  id: '0024-rollout-hosts-that-are-ours',
  async up(transaction) {
    await sql`alter table rollout_hosts add column ours boolean not null
      generated always as ((progress->>'ours')::boolean) stored`.execute(transaction)
  },
}

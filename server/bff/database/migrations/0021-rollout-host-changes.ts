import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** When a row of a rollout's host last changed to the eye, so that a page that has all rows asks for those alone. */
export const rolloutHostChanges: Migration = {
  id: '0021-rollout-host-changes',
  async up(transaction) {
    await sql`create sequence rollout_host_changes`.execute(transaction)
    await sql`alter table rollout_hosts add column changed bigint not null default 0`.execute(transaction)
    await sql`create index rollout_hosts_by_change on rollout_hosts (rollout_id, changed)`.execute(transaction)
  },
}

import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/**
 * In which boot each run of an agent was: no patch outlives a boot, so what was sampled in an earlier one must not be
 * told of this one. A table of its own, since samples may come before the message that says the boot.
 */
export const boots: Migration = {
  id: '0005-boots',
  async up(transaction) {
    await sql`create table agent_runs (
      host_id uuid not null references hosts on delete cascade,
      epoch bigint not null,
      boot_id text collate "C" not null,
      sequence bigint not null,
      primary key (host_id, epoch)
    )`.execute(transaction)
  },
}

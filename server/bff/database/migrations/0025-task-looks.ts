import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** Who slept in the functions of a module when a host was asked: the newest answer of each host. */
export const taskLooks: Migration = {
  id: '0025-task-looks',
  async up(transaction) {
    await sql`alter table host_readings drop constraint host_readings_kind_check,
      add constraint host_readings_kind_check
        check (kind in ('hello', 'snapshot', 'heartbeat', 'transition', 'kernel_readings', 'task_look'))`.execute(
      transaction,
    )
  },
}

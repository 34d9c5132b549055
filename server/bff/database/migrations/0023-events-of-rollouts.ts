import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** Which rollout an event is of, so that pages of the others ask for nothing. Those from before name none, and are told to nobody. */
export const eventsOfRollouts: Migration = {
  id: '0023-events-of-rollouts',
  async up(transaction) {
    await sql`alter table events add column rollout_id uuid`.execute(transaction)
  },
}

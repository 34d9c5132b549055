import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** An event may be of one person: his sessions, his API tokens. */
export const eventsOfPeople: Migration = {
  id: '0014-events-of-people',
  async up(transaction) {
    await sql`alter table events add column user_id uuid`.execute(transaction)
  },
}

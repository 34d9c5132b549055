import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** What can be done to a rollout, kept with its sentence, so that whoever looks at it need not read ten thousand hosts. */
export const rolloutOffers: Migration = {
  id: '0022-rollout-offers',
  async up(transaction) {
    await sql`alter table rollouts add column offers json not null default '[]'`.execute(transaction)
  },
}

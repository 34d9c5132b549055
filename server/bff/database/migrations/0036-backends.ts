import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** Which backends live, and how many agents each holds: what spreads agents over them. */
export const backends: Migration = {
  id: '0036-backends',
  async up(transaction) {
    await sql`create table backends (
      /* Of one run. */
      id uuid primary key,
      /* Where its agents dial it; for people. */
      address text not null,
      agents integer not null check (agents >= 0),
      /* By the database's clock. */
      seen_at timestamptz not null
    )`.execute(transaction)
  },
}

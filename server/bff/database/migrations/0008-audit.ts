import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** Who did what: appended and never changed (threat-model T30). `entry` is the exact text that the chain hashes. */
export const audit: Migration = {
  id: '0008-audit',
  async up(transaction) {
    await sql`create table audit (
      sequence bigint primary key,
      at timestamptz not null,
      action text collate "C" not null,
      actor_name text not null,
      target_id text,
      result text not null,
      entry text not null,
      previous_hash text collate "C" not null,
      hash text collate "C" not null unique
    )`.execute(transaction)
  },
}

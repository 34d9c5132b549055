import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** Which keys belong to this database, by their hashes: a backend with others must not serve it. */
export const serverKeys: Migration = {
  id: '0013-server-keys',
  async up(transaction) {
    await sql`create table server_keys (
      name text collate "C" primary key,
      fingerprint text collate "C" not null,
      noted_at timestamptz not null
    )`.execute(transaction)
  },
}

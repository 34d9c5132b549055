import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** The trace of the request that asked for it, so that what hosts do of it belongs to the same one. */
export const traces: Migration = {
  id: '0031-traces',
  async up(transaction) {
    await sql`alter table authorisations add column trace_parent text`.execute(transaction)
  },
}

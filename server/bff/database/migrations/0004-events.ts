import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/**
 * What changed, in the order in which it was committed: writers take one lock before they take an id, so that a reader
 * who has seen an id has seen all smaller ones (append-event.ts).
 */
export const events: Migration = {
  id: '0004-events',
  async up(transaction) {
    await sql`create table events (
      id bigserial primary key,
      type text not null,
      host_id uuid not null,
      revision bigint not null,
      at timestamptz not null
    )`.execute(transaction)
  },
}

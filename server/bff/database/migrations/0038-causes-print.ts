import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** A host in a transition speaks each second, and mostly for the same reasons: they are written where they are others. */
export const causesPrint: Migration = {
  id: '0038-causes-print',
  async up(transaction) {
    await sql`alter table hosts add column causes_print text`.execute(transaction)
  },
}

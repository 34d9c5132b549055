import type { AlertFacts } from '@rebootless/shared/domain/alerts/alert-facts.ts'
import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

/** What compliance tells of dates: who has to be rid of which CVE until when, and which exceptions end. */
export type ReadDueDates = (
  database: Kysely<DatabaseSchema>,
  until: Date,
  now: Date,
) => Promise<Pick<AlertFacts, 'exposures' | 'exceptions'>>

/** How this server itself fares. */
export type ReadOwnFacts = (now: Date) => Promise<Pick<AlertFacts, 'disks' | 'database' | 'lagMs' | 'authorities'>>

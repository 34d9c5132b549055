import type { AlertFacts } from '@rebootless/shared/domain/alerts/alert-facts.ts'

export type DueDates = Pick<AlertFacts, 'exposures' | 'exceptions'>

/** What compliance tells of dates: who has to be rid of which CVE until when, and which exceptions end. */
export type ReadDueDates = (now: Date) => Promise<DueDates>

/** How this server itself fares. */
export type OwnFacts = Pick<AlertFacts, 'disks' | 'database' | 'lagMs' | 'authorities'>
export type ReadOwnFacts = (now: Date) => Promise<OwnFacts>

import type { AlertFacts } from '@rebootless/shared/domain/alerts/alert-facts.ts'
import type { AlertMember } from '@rebootless/shared/domain/alerts/alert-group.ts'
import type { FleetFacts } from './read-facts.ts'

/** So often by the server's clock what is of hours and days is read, and snapshots are taken up. */
export const RARE_EVERY_MS = 10_000

/** Causes of hosts in one of the parts of the fleet, and by what a change of them is told. */
export interface CausesOfPart {
  readonly print: string
  readonly causes: AlertFacts['causes']
}

/**
 * What the step before read and wrote, so that this one reads only what has changed. It holds under one number of the lease, under
 * which nobody else writes members, and only after a step that was committed; without it a step reads everything.
 */
export interface StepMemory {
  readonly fencing: number
  /** By the open group's id. */
  readonly members: ReadonlyMap<string, ReadonlyMap<string, AlertMember>>
  readonly causes: ReadonlyMap<number, CausesOfPart>
  readonly rare: FleetFacts['rare']
  /** When `rare` was read, by the server's clock. */
  readonly rareAt: number
}

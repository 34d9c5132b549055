import type { FleetCounts, FleetSummary } from '@rebootless/shared/contract/fleet.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { selectShares } from '../hosts/fleet-shares.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { hostSummary } from '../hosts/host-summary.ts'
import * as queries from './queries.ts'
import { sumShares } from './sum-shares.ts'

export interface Fleet {
  /** Of the hosts in scope alone, as all here. */
  counts(scope: HostScope): Promise<FleetCounts>
  summary(scope: HostScope): Promise<FleetSummary>
}

/** Scopes are few, being given by admins; with more at once than this the eldest counts anew. */
const SCOPES_KEPT = 64

/**
 * Everything but heartbeats makes an event, so what is made of the fleet holds for as long as the newest event stays the same: many
 * open pages of one scope cost one count.
 */
const keptByEvent = <Made>(database: Kysely<DatabaseSchema>, make: (scope: HostScope) => Promise<Made>) => {
  const kept = new Map<HostScope['text'], { event: string; made: Promise<Made> }>()
  return async (scope: HostScope): Promise<Made> => {
    const event = await queries.selectNewestEvent(database)
    const known = kept.get(scope.text)
    if (known?.event === event) return known.made
    const fresh = { event, made: make(scope) }
    // Set anew, so that the eldest stands first.
    kept.delete(scope.text)
    kept.set(scope.text, fresh)
    const [eldest] = kept.keys()
    if (kept.size > SCOPES_KEPT && eldest !== undefined) kept.delete(eldest)
    fresh.made.catch(() => {
      if (kept.get(scope.text) === fresh) kept.delete(scope.text)
    })
    return fresh.made
  }
}

/** The fleet in numbers. */
export const createFleet = (
  database: Kysely<DatabaseSchema>,
  clock: Clock,
  exposureOf: (scope: HostScope) => FleetSummary['exposure'] = () => null,
): Fleet => {
  const countNow = async (scope: HostScope) => sumShares(await selectShares(database, scope))
  const countOnce = keptByEvent(database, countNow)
  const summarise = keptByEvent(database, async (scope) => {
    const now = clock.now()
    const [counts, transitions, underWay, needsSomeone] = await Promise.all([
      countNow(scope),
      queries.selectTransitions(database, scope),
      queries.selectUnderWay(database, scope),
      queries.selectCauses(database, scope),
    ])
    return {
      ...counts,
      transitions: {
        hosts: transitions.hosts,
        tasksTotal: transitions.total,
        tasksRemaining: transitions.remaining,
        longestStalledSince: transitions.stalled?.toISOString() ?? null,
      },
      needsSomeone,
      underWay: underWay.map((row) => hostSummary(row, now)),
    }
  })
  const asOf = () => clock.now().toISOString()

  return {
    // The whole fleet's shares are added up as quickly as the newest event is found.
    counts: async (scope) => ({ ...(await (scope.text === null ? countNow(scope) : countOnce(scope))), asOf: asOf() }),
    summary: async (scope) => ({ ...(await summarise(scope)), exposure: exposureOf(scope), asOf: asOf() }),
  }
}

import type { FleetSummary } from '@rebootless/shared/contract/fleet.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { selectShares } from '../hosts/fleet-shares.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { hostSummary } from '../hosts/host-summary.ts'
import * as queries from './queries.ts'
import { sumShares } from './sum-shares.ts'

export interface Fleet {
  /** Of the hosts in scope alone. */
  summary(scope: HostScope): Promise<FleetSummary>
}

/** Scopes are few, being given by admins; with more at once than this the eldest counts anew. */
const SCOPES_KEPT = 64

/**
 * The fleet in numbers. Everything but heartbeats makes an event, so a summary holds for as long as the newest event
 * stays the same: many open pages of one scope cost one count.
 */
export const createFleet = (
  database: Kysely<DatabaseSchema>,
  clock: Clock,
  exposureOf: (scope: HostScope) => FleetSummary['exposure'] = () => null,
): Fleet => {
  const kept = new Map<HostScope['text'], { event: string; summary: Promise<Omit<FleetSummary, 'exposure'>> }>()

  const count = async (scope: HostScope): Promise<Omit<FleetSummary, 'exposure'>> => {
    const now = clock.now()
    const [shares, transitions, underWay, needsSomeone] = await Promise.all([
      selectShares(database, scope),
      queries.selectTransitions(database, scope),
      queries.selectUnderWay(database, scope),
      queries.selectCauses(database, scope),
    ])
    return {
      ...sumShares(shares),
      transitions: {
        hosts: transitions.hosts,
        tasksTotal: transitions.total,
        tasksRemaining: transitions.remaining,
        longestStalledSince: transitions.stalled?.toISOString() ?? null,
      },
      needsSomeone,
      underWay: underWay.map((row) => hostSummary(row, now)),
      asOf: now.toISOString(),
    }
  }

  return {
    async summary(scope) {
      const event = await queries.selectNewestEvent(database)
      let entry = kept.get(scope.text)
      if (entry?.event !== event) {
        const fresh = { event, summary: count(scope) }
        entry = fresh
        // Set anew, so that the eldest stands first.
        kept.delete(scope.text)
        kept.set(scope.text, fresh)
        const [eldest] = kept.keys()
        if (kept.size > SCOPES_KEPT && eldest !== undefined) kept.delete(eldest)
        fresh.summary.catch(() => {
          if (kept.get(scope.text) === fresh) kept.delete(scope.text)
        })
      }
      return { ...(await entry.summary), exposure: exposureOf(scope), asOf: clock.now().toISOString() }
    },
  }
}

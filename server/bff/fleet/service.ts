import type { FleetSummary } from '@rebootless/shared/contract/fleet.ts'
import { HOST_ORIGINS, HOST_STATES } from '@rebootless/shared/domain/words.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { hostSummary } from '../hosts/host-summary.ts'
import * as queries from './queries.ts'

export interface Fleet {
  summary(): Promise<FleetSummary>
}

const zeros = <Word extends string>(words: readonly Word[]) =>
  Object.fromEntries(words.map((word) => [word, 0])) as Record<Word, number>

/**
 * The fleet in numbers. Everything but heartbeats makes an event, so a summary holds for as long as the newest event
 * stays the same: many open pages cost one count.
 */
export const createFleet = (database: Kysely<DatabaseSchema>, clock: Clock): Fleet => {
  let kept: { event: string; summary: Promise<FleetSummary> } | undefined

  const count = async (): Promise<FleetSummary> => {
    const now = clock.now()
    const [counts, byProvider, transitions, underWay, needsSomeone] = await Promise.all([
      queries.selectCounts(database),
      queries.selectProviders(database),
      queries.selectTransitions(database),
      queries.selectUnderWay(database),
      queries.selectCauses(database),
    ])
    const byState = zeros(HOST_STATES)
    const byOrigin = zeros(HOST_ORIGINS)
    for (const { state, origin, count } of counts) {
      if (state !== null) byState[state] = Number(count)
      if (origin !== null) byOrigin[origin] = Number(count)
    }
    return {
      total: Object.values(byState).reduce((sum, hosts) => sum + hosts, 0),
      byState,
      byOrigin,
      byProvider,
      byKernel: queries.topKernels(counts),
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
    async summary() {
      const event = await queries.selectNewestEvent(database)
      if (kept?.event !== event) {
        const entry = { event, summary: count() }
        kept = entry
        entry.summary.catch(() => {
          if (kept === entry) kept = undefined
        })
      }
      return { ...(await kept.summary), asOf: clock.now().toISOString() }
    },
  }
}

import type {
  ComplianceHostList,
  ComplianceHostsQuery,
  ComplianceQuery,
  ComplianceSummary,
  ComplianceTrend,
  ComplianceTrendQuery,
} from '@rebootless/shared/contract/compliance.ts'
import type { FleetExposure } from '@rebootless/shared/contract/fleet.ts'
import { matchesHost, parseComplianceFilter } from '@rebootless/shared/domain/compliance/host-filter.ts'
import type { HostJudgement } from '@rebootless/shared/domain/compliance/judge-host.ts'
import { summarise } from '@rebootless/shared/domain/compliance/summarise.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { type HostScope, hostsInScope, WHOLE_FLEET } from '../hosts/host-scope.ts'
import { periodically } from '../periodic.ts'
import { readTrend, writeDays } from './days.ts'
import { hostView, pageOf, wantedBy } from './host-pages.ts'
import type { Judgement } from './judgement.ts'
import { createMoments } from './moments.ts'

export interface Compliance {
  summary(scope: HostScope, query: ComplianceQuery): Promise<ComplianceSummary>
  hosts(scope: HostScope, query: ComplianceHostsQuery): Promise<ComplianceHostList>
  trend(query: ComplianceTrendQuery): Promise<ComplianceTrend>
  /** At once, for the fleet's page; null: nothing is judged yet. */
  exposureOf(scope: HostScope): FleetExposure | null
  /** The judged hosts of a scope and filter, for documents. `at` undefined: now. */
  judged(scope: HostScope, filter: string, at?: Date): Promise<Judgement>
  /** Something that compliance is reckoned from has changed. */
  wake(): void
  start(): void
  close(): Promise<void>
}

const DAYS_MS = 10 * 60_000
/** A statement takes 65,535 values (PostgreSQL, 55.7, Bind). */
const IDS_AT_ONCE = 10_000
/** As the page asks by itself. */
const FORECAST_DAYS = 14
/** Scopes and filters whose summary is kept with a judgement. */
const SUMMARIES_KEPT = 100

export const createCompliance = ({
  database,
  clock,
  log,
}: {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn'>
}): Compliance => {
  const moments = createMoments({
    ...{ database, clock, log },
    // What everybody asks for is there before he asks.
    onJudged: (judgement) => void summaryOf(judgement, WHOLE_FLEET, '', FORECAST_DAYS),
  })
  const closing = new AbortController()
  const kept = new WeakMap<Judgement, Map<string, Omit<ComplianceSummary, 'asOf'>>>()
  let endDays: (() => Promise<void>) | undefined

  const wordsOf = (filter: string) => {
    const parsed = parseComplianceFilter(filter)
    if (!parsed.ok) throw new DomainError('filter_invalid', parsed.detail)
    return parsed.words
  }
  /**
   * Whose hosts they are is decided by their labels now, of past moments too: the present judgement has these in it, for another
   * the table of hosts is asked. A host that was removed is nobody's with a scope.
   */
  const holds = async (scope: HostScope, judgement: Judgement): Promise<(one: HostJudgement) => boolean> => {
    if (scope.text === null) return () => true
    if (judgement === moments.known()) return inScope(scope.text)
    const ids = judgement.hosts.map(({ host }) => host.id)
    const held = new Set<string>()
    for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
      for (const id of await hostsInScope(database, scope, ids.slice(from, from + IDS_AT_ONCE))) held.add(id)
    }
    return ({ host }) => held.has(host.id)
  }
  // A scope is words of labels, which hostScopeOf has read already.
  const inScope = (text: string) => {
    const words = wordsOf(text)
    return ({ host }: HostJudgement) => matchesHost(words, host)
  }

  const judged = async (scope: HostScope, filter: string, at?: Date): Promise<Judgement> => {
    const words = wordsOf(filter)
    const judgement = at === undefined ? await moments.present() : await moments.past(at)
    if (scope.text === null && words.length === 0) return judgement
    const isHeld = await holds(scope, judgement)
    return {
      fleet: judgement.fleet,
      hosts: judgement.hosts.filter((one) => isHeld(one) && matchesHost(words, one.host)),
    }
  }

  /** Kept for the present alone: of a past moment the scope is asked each time. */
  const summaryOf = (judgement: Judgement, scope: HostScope, filter: string, within: number) => {
    const summaries = kept.get(judgement) ?? new Map<string, Omit<ComplianceSummary, 'asOf'>>()
    kept.set(judgement, summaries)
    const key = JSON.stringify([scope.text, filter, within])
    const found = summaries.get(key)
    if (found !== undefined) return found
    const words = wordsOf(filter)
    const isHeld = scope.text === null ? () => true : inScope(scope.text)
    const hosts = judgement.hosts.filter((one) => isHeld(one) && matchesHost(words, one.host))
    const made = summarise(hosts, judgement.fleet, within)
    if (summaries.size < SUMMARIES_KEPT) summaries.set(key, made)
    return made
  }

  return {
    judged,
    async summary(scope, { at, filter, within }) {
      const asOf = clock.now().toISOString()
      if (at === undefined) return { ...summaryOf(await moments.present(), scope, filter, within), asOf }
      const { hosts, fleet } = await judged(scope, filter, new Date(at))
      return { ...summarise(hosts, fleet, within), asOf }
    },
    async hosts(scope, { limit, cursor, ...query }) {
      const { hosts, fleet } = await judged(
        scope,
        query.filter,
        query.at === undefined ? undefined : new Date(query.at),
      )
      const wanted = hosts.filter(wantedBy(query, fleet.at))
      const { page, nextCursor } = pageOf(wanted, JSON.stringify(query), {
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      })
      return {
        ...{ items: page.map((one) => hostView(one, fleet.at)), nextCursor, total: wanted.length },
        ...{ judgedAt: new Date(fleet.at).toISOString(), asOf: clock.now().toISOString() },
      }
    },
    trend: (query) => readTrend(database, query, clock.now()),
    exposureOf(scope) {
      const judgement = moments.known()
      if (judgement === undefined) return null
      const { counts, oldest, sentence, judgedAt } = summaryOf(judgement, scope, '', FORECAST_DAYS)
      return { exposed: counts.exposed, overdue: counts.overdue, oldest, sentence, judgedAt }
    },
    wake: moments.wake,
    start() {
      moments.start()
      endDays = periodically(DAYS_MS, 'write days of compliance', log, () =>
        writeDays(database, clock.now, closing.signal),
      )
    },
    async close() {
      closing.abort()
      await endDays?.()
      await moments.close()
    },
  }
}

import type {
  ComplianceHostList,
  ComplianceHostsQuery,
  ComplianceQuery,
  ComplianceSummary,
  ComplianceTrend,
  ComplianceTrendOfPart,
  ComplianceTrendOfPartQuery,
  ComplianceTrendQuery,
} from '@rebootless/shared/contract/compliance.ts'
import type { FleetExposure } from '@rebootless/shared/contract/fleet.ts'
import { matchesHost, parseComplianceFilter } from '@rebootless/shared/domain/compliance/host-filter.ts'
import type { HostJudgement } from '@rebootless/shared/domain/compliance/judge-host.ts'
import { summarise, summariseInSteps } from '@rebootless/shared/domain/compliance/summarise.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import { primaryAlone, type Reads } from '../database/replica/reads.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { type HostScope, WHOLE_FLEET } from '../hosts/host-scope.ts'
import { periodically } from '../periodic.ts'
import { readTrend, writeDays } from './days.ts'
import { createGains, type Gains } from './gains.ts'
import { hostView, pageOf, wantedBy } from './host-pages.ts'
import { stepByStep } from './in-slices.ts'
import { readJudgedBy } from './judged-by.ts'
import type { Judgement } from './judgement.ts'
import { createMoments, unlessClosing } from './moments.ts'
import { createTrendOfPart } from './trend-of-part.ts'

export interface Compliance extends Pick<Gains, 'gains'> {
  summary(scope: HostScope, query: ComplianceQuery): Promise<ComplianceSummary>
  hosts(scope: HostScope, query: ComplianceHostsQuery): Promise<ComplianceHostList>
  trend(query: ComplianceTrendQuery): Promise<ComplianceTrend>
  trendOfPart(scope: HostScope, query: ComplianceTrendOfPartQuery): Promise<ComplianceTrendOfPart>
  /** At once, for the fleet's page; null: nothing is judged yet. */
  exposureOf(scope: HostScope): FleetExposure | null
  /** The judged hosts of a scope and filter, for documents. `at` undefined: now. */
  judged(scope: HostScope, filter: string, at?: Date): Promise<Judgement>
  /** Something that compliance is reckoned from has changed. */
  wake(): void
  start(): void
  close(): Promise<void>
}

/** Of a judgement alone. */
type Summary = ReturnType<typeof summarise>

const DAYS_MS = 10 * 60_000
/** As the page asks by itself. */
const FORECAST_DAYS = 14
/** Scopes and filters whose summary is kept with a judgement. */
const SUMMARIES_KEPT = 100

export const createCompliance = ({
  database,
  reads = primaryAlone(database),
  clock,
  log,
}: {
  readonly database: Kysely<DatabaseSchema>
  /** For what is shown and decides nothing: trends, and past moments. */
  readonly reads?: Pick<Reads, 'read'>
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn'>
}): Compliance => {
  const moments = createMoments({
    ...{ database, reads, clock, log },
    // What everybody asks for is there before he asks.
    onJudged: async (judgement) => {
      const steps = summariseInSteps(judgement.hosts, judgement.fleet, FORECAST_DAYS)
      keep(judgement, keyOf(WHOLE_FLEET, '', FORECAST_DAYS), await stepByStep(steps, closing.signal))
    },
  })
  const closing = new AbortController()
  const trends = createTrendOfPart(reads, log, closing.signal)
  const kept = new WeakMap<Judgement, Map<string, Summary>>()
  let endDays: (() => Promise<void>) | undefined

  const wordsOf = (filter: string) => {
    const parsed = parseComplianceFilter(filter)
    if (!parsed.ok) throw new DomainError('filter_invalid', parsed.detail)
    return parsed.words
  }
  /** A scope is words of labels, which hostScopeOf has read already. Of a past moment it holds what it would have held then. */
  const wordsWithin = (scope: HostScope, filter: string) => [...wordsOf(scope.text ?? ''), ...wordsOf(filter)]
  const wanted = ({ hosts }: Judgement, scope: HostScope, filter: string): readonly HostJudgement[] => {
    const words = wordsWithin(scope, filter)
    return words.length === 0 ? hosts : hosts.filter(({ host }) => matchesHost(words, host))
  }

  const {
    gains,
    avoidedThisQuarter,
    close: closeGains,
  } = createGains({
    ...{ database, clock, log, moments, hostsOf: wanted },
  })

  const judged = async (scope: HostScope, filter: string, at?: Date): Promise<Judgement> => {
    const judgement = at === undefined ? await moments.present() : await moments.past(at)
    return { fleet: judgement.fleet, hosts: wanted(judgement, scope, filter) }
  }

  const keyOf = (scope: HostScope, filter: string, within: number) => JSON.stringify([scope.text, filter, within])
  /** As long as the judgement is. */
  const keep = (judgement: Judgement, key: string, made: Summary): void => {
    const summaries = kept.get(judgement) ?? new Map<string, Summary>()
    kept.set(judgement, summaries)
    if (summaries.size < SUMMARIES_KEPT) summaries.set(key, made)
  }
  const summaryOf = (judgement: Judgement, scope: HostScope, filter: string, within: number) => {
    const key = keyOf(scope, filter, within)
    const found = kept.get(judgement)?.get(key)
    if (found !== undefined) return found
    const made = summarise(wanted(judgement, scope, filter), judgement.fleet, within, filter !== '')
    keep(judgement, key, made)
    return made
  }

  return {
    ...{ judged, gains },
    async summary(scope, { at, filter, within }) {
      const asOf = clock.now().toISOString()
      const judgement = at === undefined ? await moments.present() : await moments.past(new Date(at))
      const judgedBy = at === undefined ? await readJudgedBy(database) : null
      return { ...summaryOf(judgement, scope, filter, within), judgedBy, asOf }
    },
    async hosts(scope, { limit, cursor, ...query }) {
      const { hosts, fleet } = await judged(
        scope,
        query.filter,
        query.at === undefined ? undefined : new Date(query.at),
      )
      const found = hosts.filter(wantedBy(query, fleet.at))
      const { page, nextCursor } = pageOf(found, JSON.stringify(query), {
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      })
      return {
        ...{ items: page.map((one) => hostView(one, fleet.at)), nextCursor, total: found.length },
        ...{ judgedAt: new Date(fleet.at).toISOString(), asOf: clock.now().toISOString() },
      }
    },
    trend: (query) => reads.read((from) => readTrend(from, query, clock.now())),
    trendOfPart: (scope, { filter, days }) => trends.read(wordsWithin(scope, filter), days, clock.now()),
    exposureOf(scope) {
      const judgement = moments.known()
      if (judgement === undefined) return null
      const { counts, oldest, sentence, judgedAt } = summaryOf(judgement, scope, '', FORECAST_DAYS)
      const rebootsAvoided = avoidedThisQuarter(scope)
      return { exposed: counts.exposed, overdue: counts.overdue, oldest, sentence, rebootsAvoided, judgedAt }
    },
    wake: moments.wake,
    start() {
      moments.start()
      endDays = periodically(DAYS_MS, 'write days of compliance', log, () =>
        unlessClosing(() => writeDays(database, clock.now, closing.signal), closing.signal),
      )
    },
    async close() {
      closing.abort()
      await endDays?.()
      await trends.close()
      await closeGains()
      await moments.close()
    },
  }
}

import type { ComplianceGains, ComplianceGainsQuery } from '@rebootless/shared/contract/compliance-gains.ts'
import type { HostJudgement } from '@rebootless/shared/domain/compliance/judge-host.ts'
import { gainsMethod, gainsSentence } from '@rebootless/shared/domain/gains/gains-sentence.ts'
import { DEFAULT_WINDOW, rebootWindows } from '@rebootless/shared/domain/gains/reboot-window.ts'
import { rebootsAvoided } from '@rebootless/shared/domain/gains/reboots-avoided.ts'
import { countTimes } from '@rebootless/shared/domain/gains/time-to-patch.ts'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { type HostScope, WHOLE_FLEET } from '../hosts/host-scope.ts'
import { inSlices, stepByStep } from './in-slices.ts'
import type { Judgement } from './judgement.ts'
import { type HostGains, type LoadedGains, loadGains } from './load-gains.ts'
import type { Moments } from './moments.ts'

export interface Gains {
  gains(scope: HostScope, query: ComplianceGainsQuery): Promise<ComplianceGains>
  /** At once, for the fleet's page: reboots avoided since the quarter began; null: nothing is read yet, which begins now. */
  avoidedThisQuarter(scope: HostScope): number | null
  close(): Promise<void>
}

const DAY_MS = 24 * 60 * 60_000
const MINUTE_MS = 60_000
/** Days and months are told, so it may be this old when somebody asks; a large fleet is read again after fifty times as long as it took. */
const REST_MS_MIN = 30_000
const REST_FACTOR = 50
/** Scopes, filters and windows whose answer is kept as long as what it is reckoned from. */
const ANSWERS_KEPT = 100
/** What the page asks for by itself. */
const USUAL: ComplianceGainsQuery = { filter: '', days: 90, window: DEFAULT_WINDOW, bootMinutes: 10 }

type Answer = Omit<ComplianceGains, 'asOf'>
interface Known extends LoadedGains {
  readonly judgement: Judgement
  readonly isPast: boolean
  readonly answers: Map<string, Promise<Answer>>
  readonly quarters: Map<string | null, number>
}

const dayText = (at: number) => new Date(at).toISOString().slice(0, 10)
/** A window is told by its day, which its end is the midnight of. */
const windowDay = (end: number) => dayText(end - 1)

export const createGains = ({
  database,
  clock,
  log,
  moments,
  hostsOf,
}: {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn'>
  readonly moments: Pick<Moments, 'present' | 'past'>
  readonly hostsOf: (judgement: Judgement, scope: HostScope, filter: string) => readonly HostJudgement[]
}): Gains => {
  const closing = new AbortController()
  const pasts = new WeakMap<Judgement, Promise<Known>>()
  let turn: Promise<unknown> = Promise.resolve()
  let current: Known | undefined
  let reading: Promise<Known> | undefined
  let restUntil = 0

  const load = async (judgement: Judgement, isPast: boolean): Promise<Known> => {
    const loaded = await loadGains(database, judgement, closing.signal)
    return { ...loaded, judgement, isPast, answers: new Map(), quarters: new Map() }
  }
  const read = async (): Promise<Known> => {
    const judgement = await moments.present()
    const begun = performance.now()
    try {
      const loaded = await load(judgement, false)
      // What everybody asks for is there before he asks.
      await answerOf(loaded, WHOLE_FLEET, USUAL)
      current = loaded
      return loaded
    } finally {
      restUntil = performance.now() + Math.max(REST_MS_MIN, (performance.now() - begun) * REST_FACTOR)
    }
  }
  /** Whoever comes while it is being read waits for the same. */
  const renew = (): Promise<Known> => {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }
  /** What is known, which may be a little old; what follows it is read in the background. */
  const known = (): Known | undefined => {
    if (performance.now() >= restUntil && reading === undefined && !closing.signal.aborted) {
      renew().catch((error: unknown) => {
        if (!closing.signal.aborted) log.warn({ err: error }, 'what live patching gained could not be read')
      })
    }
    return current
  }
  /** One after another, as past moments are judged. */
  const past = (judgement: Judgement): Promise<Known> => {
    const found = pasts.get(judgement)
    if (found !== undefined) return found
    const made = turn.then(() => load(judgement, true))
    turn = made.catch(() => pasts.delete(judgement))
    pasts.set(judgement, made)
    return made
  }

  const reckon = async (loaded: Known, scope: HostScope, query: ComplianceGainsQuery): Promise<Answer> => {
    const { days, window, bootMinutes } = query
    const { at } = loaded
    const from = at - days * DAY_MS
    const windows = rebootWindows(window, at)
    const times = countTimes({ from, at, windows })
    const hosts: HostGains[] = []
    let readSince = Number.POSITIVE_INFINITY
    await inSlices(
      hostsOf(loaded.judgement, scope, query.filter),
      ({ host }) => {
        readSince = Math.min(readSince, host.runs[0]?.from ?? Number.POSITIVE_INFINITY)
        const found = loaded.hosts.get(host.id)
        if (found === undefined) return
        hosts.push(found)
        times.add(found)
      },
      closing.signal,
    )
    const reboots = rebootsAvoided(hosts, { from, at, windows })
    const uptimeKeptMs = reboots.avoided * bootMinutes * MINUTE_MS
    const windowsPassed = windows.between(Math.max(from, readSince), at).map(windowDay)
    const nextWindow = windowDay(windows.after(at))
    const timeToPatch = await stepByStep(times.reckon(), closing.signal)
    return {
      sentence: gainsSentence({
        ...{ days, window, nextWindow, reboots, uptimeKeptMs, times: timeToPatch },
        windowsPassed: windowsPassed.length,
      }),
      ...{ from: new Date(from).toISOString(), until: new Date(at).toISOString() },
      readSince: readSince === Number.POSITIVE_INFINITY ? null : new Date(readSince).toISOString(),
      ...{ window, windowsPassed, nextWindow, reboots, bootMinutes, uptimeKeptMs },
      running: loaded.isPast ? null : runningOf(hosts, at),
      timeToPatch: { all: timeToPatch.all, bySeverity: [...timeToPatch.bySeverity] },
      method: gainsMethod(window, bootMinutes),
    }
  }
  const answerOf = (loaded: Known, scope: HostScope, query: ComplianceGainsQuery): Promise<Answer> => {
    const key = JSON.stringify([scope.text, query.filter, query.days, query.window, query.bootMinutes])
    const found = loaded.answers.get(key)
    if (found !== undefined) return found
    const made = reckon(loaded, scope, query)
    if (loaded.answers.size < ANSWERS_KEPT) loaded.answers.set(key, made)
    made.catch(() => loaded.answers.delete(key))
    return made
  }

  return {
    async gains(scope, query) {
      const asOf = clock.now().toISOString()
      const loaded =
        query.at === undefined ? (known() ?? (await renew())) : await past(await moments.past(new Date(query.at)))
      return { ...(await answerOf(loaded, scope, query)), asOf }
    },
    avoidedThisQuarter(scope) {
      const loaded = known()
      if (loaded === undefined) return null
      const found = loaded.quarters.get(scope.text)
      if (found !== undefined) return found
      const { at } = loaded
      const date = new Date(at)
      const from = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - (date.getUTCMonth() % 3), 1)
      const hosts = hostsOf(loaded.judgement, scope, '').flatMap(({ host }) => loaded.hosts.get(host.id) ?? [])
      const { avoided } = rebootsAvoided(hosts, { from, at, windows: rebootWindows(DEFAULT_WINDOW, at) })
      if (loaded.quarters.size < ANSWERS_KEPT) loaded.quarters.set(scope.text, avoided)
      return avoided
    },
    async close() {
      closing.abort()
      await reading?.catch(() => undefined)
      await turn
    },
  }
}

const runningOf = (hosts: readonly HostGains[], at: number): ComplianceGains['running'] => {
  const lengths = hosts
    .flatMap(({ bootedAt }) => (bootedAt === null ? [] : [at - bootedAt]))
    .sort((left, right) => left - right)
  const longestMs = lengths.at(-1)
  if (longestMs === undefined) return null
  const [lower = 0, upper = 0] = [lengths[(lengths.length - 1) >> 1], lengths[lengths.length >> 1]]
  return { hosts: lengths.length, medianMs: (lower + upper) / 2, longestMs }
}

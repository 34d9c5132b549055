import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { type Kysely, sql } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { Reads } from '../database/replica/reads.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import { periodically } from '../periodic.ts'
import { type Judgement, judgeFleet } from './judgement.ts'

export interface Moments {
  /** As the fleet stands now, which is up to a few seconds old; the first one is waited for. */
  present(): Promise<Judgement>
  /** The same at once; undefined: there is none yet. */
  known(): Judgement | undefined
  /**
   * At a past moment.
   * @throws DomainError `query_invalid` when it has not come yet; `too_many_requests`
   */
  past(at: Date): Promise<Judgement>
  /** What is known may be old: looks at once. */
  wake(): void
  start(): void
  close(): Promise<void>
}

const LOOK_MS = 2_000
/** Dates pass without a change of any row. */
const OLD_MS = 60_000
/** A fleet that takes long to judge is judged less often: at most a twentieth of the time, so that pages stay quick. */
const REST_FACTOR = 19
const RETRY_MS = 5_000
const PAST_KEPT = 6
/** Each takes seconds of a large fleet: they are judged one after another, and no more wait. */
const PAST_WAITING_MAX = 8

/** What is given up because the program ends is no failure. */
export const unlessClosing = async (work: () => Promise<unknown>, closing: AbortSignal): Promise<void> => {
  if (closing.aborted) return
  await work().catch((error: unknown) => {
    if (!closing.aborted) throw error
  })
}

/** Of everything that compliance is reckoned from, when it last changed. */
const newestChange = async (database: Kysely<DatabaseSchema>): Promise<string> => {
  const { rows } = await sql<{ mark: string }>`select concat_ws(' ',
    (select max(from_at) from host_exposure), (select max(to_at) from host_exposure),
    (select max(version) from exposure_classes), (select count(*) from exposure_classes),
    (select max(from_at) from cve_facts), (select max(to_at) from cve_facts),
    (select max(version) from sla_policies), (select count(*) from compliance_exceptions),
    (select max(approved_at) from compliance_exceptions), (select max(ended_at) from compliance_exceptions)
  ) as mark`.execute(database)
  return rows[0]?.mark ?? ''
}

/** Keeps the present judged in the background, and past moments that were asked for. */
export const createMoments = ({
  database,
  reads,
  clock,
  log,
  onJudged,
}: {
  readonly database: Kysely<DatabaseSchema>
  /** For past moments: alerts and documents go by the present one. */
  readonly reads: Pick<Reads, 'read'>
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn'>
  /** Before the first who asks for it gets it. */
  readonly onJudged?: (judgement: Judgement) => Promise<void>
}): Moments => {
  const closing = new AbortController()
  let current: Judgement | undefined
  let mark: string | undefined
  let restUntil = 0
  const pasts = new Map<number, Promise<Judgement>>()
  let turn: Promise<void> = Promise.resolve()
  let waiting = 0

  const renew = oneAtATime(async () => {
    const begun = performance.now()
    const newest = await newestChange(database)
    const judged = await judgeFleet(database, clock.now(), closing.signal)
    await onJudged?.(judged)
    current = judged
    mark = newest
    restUntil = performance.now() + (performance.now() - begun) * REST_FACTOR
  })
  const look = async (): Promise<void> => {
    if (performance.now() < restUntil) return
    const isOld = current === undefined || clock.now().getTime() - current.fleet.at > OLD_MS
    if (isOld || (await newestChange(database)) !== mark) await renew.run()
  }
  let end: (() => Promise<void>) | undefined

  return {
    async present() {
      if (current === undefined) await renew.run()
      if (current === undefined) throw new DomainError('not_ready', 'The fleet is being judged: try again in a moment.')
      return current
    },
    known: () => current,
    async past(at) {
      const key = at.getTime()
      if (key > clock.now().getTime()) {
        throw new DomainError('query_invalid', 'That moment has not come yet: leave `at` out for now.')
      }
      const found = pasts.get(key)
      if (found !== undefined) return found
      if (waiting >= PAST_WAITING_MAX) {
        throw new DomainError('too_many_requests', 'Several past moments are being judged: try again in a moment.', {
          retryAfterMs: RETRY_MS,
        })
      }
      waiting += 1
      const made = turn.then(() => reads.read((from) => judgeFleet(from, at, closing.signal)))
      turn = made.then(
        () => undefined,
        () => undefined,
      )
      void turn.then(() => {
        waiting -= 1
      })
      pasts.set(key, made)
      made.catch(() => pasts.delete(key))
      const [eldest] = pasts.keys()
      if (pasts.size > PAST_KEPT && eldest !== undefined) pasts.delete(eldest)
      return made
    },
    wake() {
      renew.run().catch((error: unknown) => {
        if (!closing.signal.aborted) log.warn({ err: error }, 'compliance could not be judged')
      })
    },
    start() {
      end = periodically(LOOK_MS, 'judge compliance', log, () => unlessClosing(look, closing.signal))
    },
    async close() {
      closing.abort()
      await end?.()
      await renew.end().catch(() => undefined)
      await turn
    },
  }
}

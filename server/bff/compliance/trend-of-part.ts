import { setTimeout as sleep } from 'node:timers/promises'
import type { ComplianceDay, ComplianceTrendOfPart } from '@rebootless/shared/contract/compliance.ts'
import type { ComplianceWord } from '@rebootless/shared/domain/compliance/host-filter.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { Reads } from '../database/replica/reads.ts'
import { DAY_MS, dayText, figuresOf, lastMidnight, readTrend } from './days.ts'
import { judgeFleet } from './judgement.ts'

/** Each day costs a judgement, so no more of them are looked at. */
const POINTS_MAX = 13
/** Figures of a day that is over never change: they are kept, those that were asked for last. */
const FIGURES_KEPT = 2_000
/** Questions whose days are reckoned one after another, and no more wait. */
const WAITING_MAX = 8
/** A small part is answered at once; who asks for a large one asks again. */
const PATIENCE_MS = 1_000
const RETRY_MS = 5_000

export interface TrendOfPart {
  /** @throws DomainError `too_many_requests` */
  read(words: readonly ComplianceWord[], days: number, now: Date): Promise<ComplianceTrendOfPart>
  close(): Promise<void>
}

type Figures = Omit<ComplianceDay, 'day' | 'value'>

/**
 * The days of a part of the fleet, of which no roll-up is kept: a few chosen ones, judged from the periods for its hosts alone. The whole
 * fleet's are taken from its roll-ups.
 */
export const createTrendOfPart = (
  reads: Pick<Reads, 'read'>,
  log: Pick<Logger, 'warn'>,
  closing: AbortSignal,
): TrendOfPart => {
  const kept = new Map<string, Figures>()
  const underWay = new Map<string, Promise<void>>()
  let turn: Promise<void> = Promise.resolve()

  const keep = (key: string, figures: Figures) => {
    kept.set(key, figures)
    const [eldest] = kept.keys()
    if (kept.size > FIGURES_KEPT && eldest !== undefined) kept.delete(eldest)
  }

  const reckon = async (words: readonly ComplianceWord[], missing: readonly (readonly [string, number])[]) => {
    for (const [key, midnight] of missing) {
      if (closing.aborted) return
      if (kept.has(key)) continue
      const judged = await reads.read((database) => judgeFleet(database, new Date(midnight), closing, words))
      keep(key, figuresOf(judged))
    }
  }

  /** One after another, as past moments are: each may take seconds of a large fleet. */
  const inTurn = (question: string, work: () => Promise<void>): Promise<void> => {
    const found = underWay.get(question)
    if (found !== undefined) return found
    if (underWay.size >= WAITING_MAX) {
      throw new DomainError('too_many_requests', 'Several trends are being reckoned: try again in a moment.', {
        retryAfterMs: RETRY_MS,
      })
    }
    const made = turn
      .then(work)
      .catch((error: unknown) => {
        if (!closing.aborted) log.warn({ err: error }, 'a trend of a part of the fleet could not be reckoned')
      })
      .finally(() => underWay.delete(question))
    turn = made
    underWay.set(question, made)
    return made
  }

  return {
    async read(words, days, now) {
      const everyDays = Math.ceil(days / (POINTS_MAX - 1))
      if (words.length === 0) {
        const whole = await reads.read((database) => readTrend(database, { days, by: 'fleet' }, now))
        const chosen = whole.days.filter((_, index) => (whole.days.length - 1 - index) % everyDays === 0)
        return { days: chosen.slice(-POINTS_MAX), everyDays, missing: 0, asOf: whole.asOf }
      }
      const { rows } = await reads.read((database) =>
        sql<{ first: Date | null }>`select min(from_at) as first from host_exposure`.execute(database),
      )
      const first = rows[0]?.first?.getTime() ?? Number.POSITIVE_INFINITY
      const last = lastMidnight(now)
      const part = JSON.stringify(words)
      const chosen = Array.from({ length: POINTS_MAX }, (_, index) => last - index * everyDays * DAY_MS)
        .filter((midnight) => midnight > first && midnight >= last - days * DAY_MS)
        .map((midnight) => [`${midnight} ${part}`, midnight] as const)
      const isKnown = ([key]: readonly [string, number]) => kept.has(key)
      const missing = chosen.filter((one) => !isKnown(one))
      if (missing.length > 0) {
        const made = inTurn(`${days} ${last} ${part}`, () => reckon(words, missing))
        await Promise.race([made, sleep(PATIENCE_MS, undefined, { ref: false })])
      }
      return {
        days: chosen.reverse().flatMap(([key, midnight]) => {
          const figures = kept.get(key)
          return figures === undefined ? [] : [{ day: dayText(midnight - DAY_MS), value: null, ...figures }]
        }),
        ...{ everyDays, missing: chosen.filter((one) => !isKnown(one)).length, asOf: now.toISOString() },
      }
    },
    close: () => turn,
  }
}

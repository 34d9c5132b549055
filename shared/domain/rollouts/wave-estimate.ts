import type { WaveEstimate } from '../../contract/rollout-transition.ts'
import { counted } from '../sentence.ts'
import { type EstimateFacts, estimateTransition } from '../transition-estimate.ts'

export interface WaveFacts {
  /** Milliseconds since 1970, as all times here. */
  readonly now: number
  /** Hosts that are to begin. */
  readonly waiting: number
  /** Why none of them begins now, in a sentence; null: they do, in their turn. */
  readonly held: string | null
  readonly stalled: number
  /** In a transition, and not heard now. */
  readonly notHeard: number
  /** In a transition, heard, not stalled; with what was read of each lately, oldest first. */
  readonly running: readonly EstimateFacts['samples'][]
  /** Others like them, of which nothing was read, because there are so many. */
  readonly runningUnread: number
  /** Transitions that ended lately, and since the wave began. */
  readonly ended: { readonly recent: number; readonly recentMs: number; readonly all: number; readonly allMs: number }
}

/** Of fewer ends no rate can be told from chance. */
const ENDS_MIN = 3
/** The newer part of what was read of a transition: whether it goes on as it did. */
const NEWER_MS = 10_000

type Span = readonly [earliest: number, latest: number]

/** Hosts a minute, by the ends of late if there are enough, else by all. Null: too few. */
const endsOf = ({ ended }: Pick<WaveFacts, 'ended'>): { count: number; ms: number } | null => {
  // What went well until something came in the way tells nothing of when it goes on.
  if (ended.recent === 0 && ended.allMs > ended.recentMs) return null
  if (ended.recent >= ENDS_MIN && ended.recentMs > 0) return { count: ended.recent, ms: ended.recentMs }
  return ended.all >= ENDS_MIN && ended.allMs > 0 ? { count: ended.all, ms: ended.allMs } : null
}

export const hostsPerMinute = (facts: Pick<WaveFacts, 'ended'>): number | null => {
  const ends = endsOf(facts)
  return ends === null ? null : (ends.count / ends.ms) * 60_000
}

/** By the rate of all that was read of it, and by that of the newer part. */
const spanOf = (samples: EstimateFacts['samples']): Span | null => {
  const last = samples.at(-1)
  if (last === undefined) return null
  const newer = samples.filter(({ at }) => Date.parse(last.at) - Date.parse(at) <= NEWER_MS)
  const ends = [samples, newer].flatMap((some) => {
    const { endsAt } = estimateTransition({ samples: some, blockingTotal: 0, forced: false })
    return endsAt === null ? [] : [Date.parse(endsAt)]
  })
  return ends.length === 0 ? null : [Math.min(...ends), Math.max(...ends)]
}

/**
 * How long so many hosts take at that rate. Ends are taken to come by chance (Poisson): of `count` ends the true number lies
 * within one root of it two times in three.
 */
const queueSpan = (now: number, hosts: number, { count, ms }: { count: number; ms: number }): Span => {
  const spread = Math.sqrt(count)
  return [now + (hosts * ms) / (count + spread), now + (hosts * ms) / (count - spread)]
}

/** When the hosts that are left are through if things go on as they did. Never a promise: the condition comes with it. */
export const waveEstimate = (facts: WaveFacts): WaveEstimate => {
  const { now, waiting, held, stalled, notHeard, running, runningUnread } = facts
  const open = waiting + stalled + notHeard + running.length + runningUnread
  if (open === 0) return none(0, 'Nothing is left to do: every host has settled.')
  const reasons: string[] = []
  if (stalled > 0) reasons.push(`${counted(stalled, 'stalled host')}: nobody can say when their blocking tasks leave`)
  if (notHeard > 0) reasons.push(`${counted(notHeard, 'host')} that ${notHeard === 1 ? 'is' : 'are'} not heard now`)

  const spans = running.map(spanOf)
  const known = spans.filter((span) => span !== null)
  const unmoved = spans.length - known.length
  if (unmoved > 0)
    reasons.push(`${counted(unmoved, 'host')} of which too little was read, or no task has switched lately`)

  const ends = endsOf(facts)
  const queue = waiting + runningUnread
  const goes = held === null && ends !== null
  if (waiting > 0 && held !== null) reasons.push(`${counted(waiting, 'host')} yet to begin: ${held}`)
  else if (queue > 0 && ends === null) {
    reasons.push(`${counted(queue, 'host')} next in turn: too few have come to their end of late for a rate`)
  }
  // Whoever waits for a place waits for those before, which count among the ends too.
  const queued = goes ? queue : held !== null && ends !== null ? runningUnread : 0
  if (queued > 0 && ends !== null) known.push(queueSpan(now, queued + running.length, ends))

  const hosts = spans.length - unmoved + queued
  const unknownHosts = open - hosts
  const without = reasons.length === 0 ? '' : `No estimate for ${reasons.join('; ')}.`
  if (hosts === 0 || known.length === 0) return none(unknownHosts, without)
  const basis =
    queued > 0
      ? `If hosts go on coming to their end as they do (${ends?.count ?? 0} in ${minutes(ends?.ms ?? 0)}).`
      : 'If tasks go on switching at the present rates and none sleeps in a patched function.'
  return {
    earliest: new Date(Math.max(now, ...known.map(([earliest]) => earliest))).toISOString(),
    latest: new Date(Math.max(now, ...known.map(([, latest]) => latest))).toISOString(),
    ...{ hosts, unknownHosts, condition: [basis, without].filter(Boolean).join(' ').slice(0, 600) },
  }
}

const none = (unknownHosts: number, condition: string): WaveEstimate => ({
  ...{ earliest: null, latest: null, hosts: 0, unknownHosts, condition: condition.slice(0, 600) },
})

const minutes = (ms: number): string =>
  ms < 60_000 ? counted(Math.round(ms / 1000), 'second') : counted(Math.round(ms / 60_000), 'minute')

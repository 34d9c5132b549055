import type { TransitionEstimate } from '../contract/host-transition.ts'

export interface EstimateFacts {
  /** Oldest first; those of the present direction only. */
  samples: readonly { at: string; remaining: number }[]
  /** Tasks that hold it back. */
  blockingTotal: number
  forced: boolean
}

/** A rate over more than this tells of a time that has passed. */
const WINDOW_MS = 30_000
/** Below it, one task decides the rate. */
const SPAN_MS_MIN = 1_500
/** The kernel tries again once a second. */
const RETRY_MS = 1_000

/**
 * When the transition ends if things go on as they did, or that nothing can be said. Never a promise: the condition
 * comes with it.
 */
export const estimateTransition = ({ samples, blockingTotal, forced }: EstimateFacts): TransitionEstimate => {
  const last = samples.at(-1)
  if (last === undefined) return { tasksPerSecond: null, endsAt: null, condition: 'No reading yet.' }
  const lastMs = Date.parse(last.at)
  const inWindow = samples.filter(({ at }) => lastMs - Date.parse(at) <= WINDOW_MS)
  const first = inWindow[0] ?? last
  const spanMs = lastMs - Date.parse(first.at)
  const tasksPerSecond = spanMs >= SPAN_MS_MIN ? ((first.remaining - last.remaining) / spanMs) * 1_000 : null
  const ends = (inMs: number, condition: string) => ({
    tasksPerSecond,
    endsAt: new Date(lastMs + inMs).toISOString(),
    condition,
  })
  if (last.remaining === 0 || forced)
    return ends(2 * RETRY_MS, 'All tasks count as switched; the kernel ends it at its next retry.')
  if (blockingTotal > 0) {
    const who = blockingTotal === 1 ? 'the blocking task leaves' : `all ${blockingTotal} blocking tasks leave`
    return {
      tasksPerSecond,
      endsAt: null,
      condition: `None while nothing moves; within about two seconds once ${who} the patched function.`,
    }
  }
  if (tasksPerSecond === null) return { tasksPerSecond, endsAt: null, condition: 'Too few readings for a rate yet.' }
  if (tasksPerSecond <= 0) return { tasksPerSecond, endsAt: null, condition: 'None: no task has switched lately.' }
  return ends(
    (last.remaining / tasksPerSecond) * 1_000 + RETRY_MS,
    'If tasks go on switching at the present rate and none sleeps in a patched function.',
  )
}

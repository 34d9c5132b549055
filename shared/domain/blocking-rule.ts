/**
 * Which tasks hold a transition back. Right after a start or a reversal nearly every task is on the wrong side: those
 * are late, not blocking. The kernel tries all of them again once a second (klp_try_complete_transition); whoever was
 * in the way at two of those retries is stuck.
 */

/**
 * The first retry comes up to 1.75 s after the start, since round_jiffies_relative(HZ) rounds a second to whole ones;
 * the second a second later; a little is left for a busy machine.
 */
export const TWO_RETRIES_AFTER_START_MS = 2_800
/** No retry comes earlier than this after a start: a task that was seen by then met both. */
const FIRST_RETRY_EARLIEST_MS = 700
/** Any stretch of this length, once the retries run, holds two of them. */
const TWO_RETRIES_SPAN_MS = 2_150

export interface BlockingWatch {
  /** Start or last reversal, milliseconds of a monotonic clock. */
  readonly startedAtMs: number
  /** Tasks on the wrong side, by thread id: since when, without a break. */
  readonly wrongSince: ReadonlyMap<number, number>
}

/** One reading of all tasks. It takes a while: what it says held at some moment between the two. */
export interface TaskReading {
  readonly startedAtMs: number
  readonly endedAtMs: number
  /** Thread ids whose patch_state is not the target. */
  readonly wrong: readonly number[]
}

export const watchFrom = (startedAtMs: number): BlockingWatch => ({ startedAtMs, wrongSince: new Map() })

/** A task that one reading shows on the right side, or not at all, begins anew. */
export const observeTasks = (watch: BlockingWatch, reading: TaskReading): BlockingWatch => ({
  startedAtMs: watch.startedAtMs,
  wrongSince: new Map(reading.wrong.map((tid) => [tid, watch.wrongSince.get(tid) ?? reading.endedAtMs])),
})

/**
 * Thread ids that block, as of a reading that began at `nowMs`: conservative by as long as a reading takes.
 */
export const blockingTids = (watch: BlockingWatch, nowMs: number): number[] => {
  if (nowMs - watch.startedAtMs < TWO_RETRIES_AFTER_START_MS) return []
  return [...watch.wrongSince]
    .filter(([, since]) => since - watch.startedAtMs <= FIRST_RETRY_EARLIEST_MS || nowMs - since >= TWO_RETRIES_SPAN_MS)
    .map(([tid]) => tid)
}

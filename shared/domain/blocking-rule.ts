/**
 * Which tasks hold a transition back. Right after a start or a reversal nearly every task is on the wrong side: those
 * are late, not blocking. The kernel tries all of them again once a second (klp_try_complete_transition); whoever was
 * in the way at two of those retries is stuck.
 */

/**
 * The first retry comes up to 1.75 s after the start, since round_jiffies_relative(HZ) rounds a second to whole ones;
 * the second a second later; a little is left for a busy machine.
 */
const TWO_RETRIES_AFTER_START_MS = 2_800
/**
 * The kernel's first pass over all tasks takes a moment, and on a starved machine seconds. Until it has come half way,
 * most tasks stand on the wrong side; it is over by twice that time, and so is each retry by as long again.
 */
const PASS_FACTOR = 3
const PASS_SLACK_MS = 500
/** Where most tasks truly sleep in what is being replaced, no pass gets half way: then only time tells. */
const PASS_MS_MAX = 10_000
/** No retry comes earlier than this after a start: a task that was seen by then met both. */
const FIRST_RETRY_EARLIEST_MS = 700
/** Any stretch of this length, once the retries run, holds two of them. */
const TWO_RETRIES_SPAN_MS = 2_150

export interface BlockingWatch {
  /** Start or last reversal, milliseconds of a monotonic clock. */
  readonly startedAtMs: number
  /** Tasks on the wrong side, by thread id: since when, without a break. */
  readonly wrongSince: ReadonlyMap<number, number>
  /** The last moment at which more than half of all tasks were seen on the wrong side; the start, if none was. */
  readonly mostlyWrongUntilMs: number
}

/** One reading of all tasks. It takes a while: what it says held at some moment between the two. */
export interface TaskReading {
  readonly startedAtMs: number
  readonly endedAtMs: number
  /** Thread ids whose patch_state is not the target. */
  readonly wrong: readonly number[]
  /** How many tasks were read. */
  readonly total: number
}

export const watchFrom = (startedAtMs: number): BlockingWatch => ({
  startedAtMs,
  wrongSince: new Map(),
  mostlyWrongUntilMs: startedAtMs,
})

/** A task that one reading shows on the right side, or not at all, begins anew. */
export const observeTasks = (watch: BlockingWatch, reading: TaskReading): BlockingWatch => ({
  startedAtMs: watch.startedAtMs,
  wrongSince: new Map(reading.wrong.map((tid) => [tid, watch.wrongSince.get(tid) ?? reading.endedAtMs])),
  mostlyWrongUntilMs: reading.wrong.length * 2 > reading.total ? reading.startedAtMs : watch.mostlyWrongUntilMs,
})

/** Milliseconds after the start from which tasks can be called blocking, as far as was seen. */
export const decidedAfterMs = ({ startedAtMs, mostlyWrongUntilMs }: BlockingWatch): number =>
  Math.max(
    TWO_RETRIES_AFTER_START_MS,
    Math.min(PASS_MS_MAX, PASS_SLACK_MS + PASS_FACTOR * (mostlyWrongUntilMs - startedAtMs)),
  )

/**
 * Thread ids that block, as of a reading that began at `nowMs`: conservative by as long as a reading takes.
 */
export const blockingTids = (watch: BlockingWatch, nowMs: number): number[] => {
  if (nowMs - watch.startedAtMs < decidedAfterMs(watch)) return []
  return [...watch.wrongSince]
    .filter(([, since]) => since - watch.startedAtMs <= FIRST_RETRY_EARLIEST_MS || nowMs - since >= TWO_RETRIES_SPAN_MS)
    .map(([tid]) => tid)
}

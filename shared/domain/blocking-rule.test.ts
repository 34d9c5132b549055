// Goal: a task that is only late is never called blocking, one that stays soon is. Method: properties over random
// retries, tasks and reading times, with a model of the kernel's retries as the other witness.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blockingTids, observeTasks, watchFrom } from './blocking-rule.ts'

/** A task switches at one of the retries, or never; -1 is "at the start". */
const transition = fc.record({
  startedAtMs: fc.integer({ min: 0, max: 1e9 }),
  /** round_jiffies_relative(HZ): 0.75 s to 1.75 s. */
  firstRetryMs: fc.integer({ min: 750, max: 1_750 }),
  switchesAtRetry: fc.array(fc.option(fc.integer({ min: -1, max: 20 }), { nil: null }), {
    minLength: 1,
    maxLength: 20,
  }),
  firstReadingMs: fc.integer({ min: 0, max: 6_000 }),
  readingsEveryMs: fc.integer({ min: 20, max: 900 }),
  readingTakesMs: fc.integer({ min: 0, max: 400 }),
})
type Transition = typeof transition extends fc.Arbitrary<infer T> ? T : never

/** When the task leaves the wrong side, after the start. */
const leavesAt = ({ firstRetryMs }: Transition, retry: number | null) =>
  retry === null ? Number.POSITIVE_INFINITY : retry < 0 ? 0 : firstRetryMs + retry * 1_000

const readings = function* (run: Transition) {
  let watch = watchFrom(run.startedAtMs)
  for (let at = run.firstReadingMs; at < 12_000; at += run.readingsEveryMs + run.readingTakesMs) {
    const startedAtMs = run.startedAtMs + at
    const endedAtMs = startedAtMs + run.readingTakesMs
    // Seen at the reading's beginning, the least favourable moment.
    const wrong = run.switchesAtRetry.flatMap((retry, tid) => (at < leavesAt(run, retry) ? [tid] : []))
    // Beside those that are modelled, a host has many that switch at once.
    watch = observeTasks(watch, { startedAtMs, endedAtMs, wrong, total: 100 })
    yield { at, watch, blocking: blockingTids(watch, startedAtMs) }
  }
}

describe('the blocking rule', () => {
  test('calls no task blocking that the kernel has not retried twice since it was first seen', () => {
    fc.assert(
      fc.property(transition, (run) => {
        for (const { at, blocking } of readings(run)) {
          for (const tid of blocking) {
            const retriesMet = Math.floor((at - run.firstRetryMs) / 1_000) + 1
            expect(retriesMet).toBeGreaterThanOrEqual(2)
            expect(leavesAt(run, run.switchesAtRetry[tid] ?? null)).toBeGreaterThan(run.firstRetryMs + 1_000)
          }
        }
      }),
    )
  })

  test('names whoever stays by the first reading after 2.8 s, when it was watched from the start', () => {
    fc.assert(
      fc.property(transition, (run) => {
        const prompt = { ...run, firstReadingMs: run.firstReadingMs % 300 }
        const stuck = prompt.switchesAtRetry.flatMap((retry, tid) => (retry === null ? [tid] : []))
        for (const { at, blocking } of readings(prompt)) {
          if (at >= 2_800) expect(blocking).toEqual(expect.arrayContaining(stuck))
        }
      }),
    )
  })

  test('names whoever stays within 2.2 s of being first seen, however late the watch begins', () => {
    const started = watchFrom(0)
    const first = observeTasks(started, { startedAtMs: 90_000, endedAtMs: 90_010, wrong: [7], total: 9 })
    const second = observeTasks(first, { startedAtMs: 92_000, endedAtMs: 92_010, wrong: [7], total: 9 })
    expect(blockingTids(second, 92_000)).toEqual([])
    const third = observeTasks(second, { startedAtMs: 92_200, endedAtMs: 92_210, wrong: [7], total: 9 })
    expect(blockingTids(third, 92_200)).toEqual([7])
  })

  test('begins anew with a task that one reading showed on the right side', () => {
    let watch = watchFrom(0)
    for (const [at, wrong] of [
      [100, [7, 8]],
      [1_500, [8]],
      [2_900, [7, 8]],
    ] as const) {
      watch = observeTasks(watch, { startedAtMs: at, endedAtMs: at, wrong, total: 9 })
    }
    expect(blockingTids(watch, 2_900)).toEqual([8])
  })

  test('calls nobody blocking while the first pass of a starved kernel is still under way', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 200 }),
        fc.integer({ min: 0, max: 3_000 }),
        fc.integer({ min: 20, max: 900 }),
        (total, passMs, everyMs) => {
          let watch = watchFrom(0)
          for (let at = 0; at < 12_000; at += everyMs) {
            // One after the other, evenly; number 0 stays for good.
            const wrong = Array.from({ length: total }, (_, tid) => tid).filter(
              (tid) => tid === 0 || at < (passMs * tid) / total,
            )
            watch = observeTasks(watch, { startedAtMs: at, endedAtMs: at, wrong, total })
            const blocking = blockingTids(watch, at)
            expect(blocking.filter((tid) => tid !== 0)).toEqual([])
            if (at >= 10_000) expect(blocking).toEqual([0])
          }
        },
      ),
    )
  })

  test('names most of all tasks when they stay, ten seconds after the start', () => {
    let watch = watchFrom(0)
    const wrong = [1, 2, 3]
    for (let at = 100; at <= 10_000; at += 500) {
      watch = observeTasks(watch, { startedAtMs: at, endedAtMs: at, wrong, total: 4 })
      expect(blockingTids(watch, at)).toEqual(at < 10_000 ? [] : wrong)
    }
    expect(
      blockingTids(observeTasks(watch, { startedAtMs: 10_100, endedAtMs: 10_100, wrong, total: 4 }), 10_100),
    ).toEqual(wrong)
  })
})

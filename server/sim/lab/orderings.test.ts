// Goal: what has been published about the systems, and how they compare, comes out of the models. Method: the Lab's
// loads on one machine; each system does what it does there, and only what it took is looked at.
import { describe, expect, test } from 'vitest'
import type { System } from '../models/model.ts'
import type { LabSetting, SweepPoint } from './lab-run.ts'
import { runLab } from './run-lab.ts'
import { type SweptOver, sweepPoint } from './sweep.ts'

const base: LabSetting = {
  ...{ seed: 4_711, load: 'web_server', tasks: 200, cpus: 4 },
  ...{ sleepers: 0, functions: 1, seconds: 60 },
}

const along = (
  system: System,
  {
    over,
    values,
    seeds = 3,
    ...changed
  }: Partial<LabSetting> & { over: SweptOver; values: readonly number[]; seeds?: number },
): SweepPoint[] => values.map((value) => sweepPoint({ ...base, ...changed }, { ...{ system, over, value, seeds } }))

const growing = (numbers: readonly number[]): readonly number[] => numbers.toSorted((left, right) => left - right)
const mediansOf = (points: readonly SweepPoint[], what: 'pauseMs' | 'completionSeconds'): number[] =>
  points.map((point) => point[what]?.[1] ?? Number.POSITIVE_INFINITY)

describe('kpatch', () => {
  const points = along('kpatch', { load: 'idle', over: 'tasks', values: [100, 500, 2_500, 12_000], seeds: 2 })

  test('stands 1 to 40 ms (press of 2015: ZDNet, Linux Journal node 1338692) from 100 to 12,000 threads', () => {
    const pauses = points.flatMap(({ pauseMs }) => pauseMs)
    expect(Math.round(Math.min(...pauses))).toBe(1)
    expect(Math.max(...pauses)).toBeLessThan(40)
    expect(Math.max(...pauses)).toBeGreaterThan(25)
  })

  test('stands the longer the more threads there are, since it follows each one’s stack (kmod/core/core.c)', () => {
    const medians = mediansOf(points, 'pauseMs')
    expect(medians).toEqual(growing(medians))
    expect((medians[3] ?? 0) / (medians[0] ?? 1)).toBeGreaterThan(20)
  })

  test('stands a few milliseconds at most on an idle system (Poimboeuf, linux-kernel 2014-05-01)', () => {
    expect(points[1]?.pauseMs[2]).toBeLessThan(5)
  })
})

describe('kGraft', () => {
  const values = [0, 4, 16, 32]
  const points = along('kgraft', { seconds: 300, over: 'sleepers', values })

  test('never stops the machine, however long it takes (kGraft patch series, linux-kernel 2014-04-30)', () => {
    expect(points.flatMap(({ pauseMs }) => pauseMs)).toEqual(points.flatMap(() => [0, 0, 0]))
  })

  test('takes seconds when nobody sleeps, minutes when many do (press of 2015: “several minutes”)', () => {
    const medians = mediansOf(points, 'completionSeconds')
    expect(medians).toEqual(growing(medians))
    expect(medians[0]).toBeGreaterThan(1)
    expect(medians[0]).toBeLessThan(10)
    expect(medians[3]).toBeGreaterThan(60)
    expect(medians[3]).toBeLessThan(300)
  })
})

describe('Ksplice', () => {
  test('stands about 0.7 ms (its developers, OSNews 2009-07-15) and goes in at once when little happens', () => {
    for (const { pauseMs, attempts } of along('ksplice', {
      load: 'idle',
      over: 'tasks',
      values: [100, 500],
      seeds: 5,
    })) {
      expect(pauseMs[1]).toBeGreaterThan(0.5)
      expect(pauseMs[1]).toBeLessThan(0.9)
      expect(attempts).toBe(1)
    }
  })

  test('tries again, a second later, when the functions are in use (kmodsrc/ksplice.c, patch_action)', () => {
    const runsOf = (load: LabSetting['load']) =>
      Array.from({ length: 10 }, (_, seed) => runLab({ ...base, seed, load, functions: 12, seconds: 6 }, 'ksplice'))
    expect(runsOf('idle').map(({ attempts }) => attempts)).toEqual(Array(10).fill(1))
    const again = runsOf('web_server').filter(({ attempts }) => attempts > 1)
    expect(again.length).toBeGreaterThan(1)
    expect(again.map(({ status }) => status)).toContain('applied')
    for (const { stops } of again) {
      const [first, second] = stops
      expect((second?.fromUs ?? 0) - (first?.toUs ?? 0)).toBe(1_000_000)
    }
  })

  test('gives up after five tries, about 4 s, when some thread is in them at every moment', () => {
    const run = runLab({ ...base, load: 'database', sleepers: 1 }, 'ksplice')
    expect([run.status, run.attempts, run.stops.length]).toEqual(['gave_up', 5, 5])
    expect(run.events.at(-1)).toMatchObject({ kind: 'gave_up', why: 'CODE_BUSY' })
    expect(Math.round((run.stops[4]?.fromUs ?? 0) / 1_000_000)).toBe(4)
  })
})

describe('where kpatch must give up, the hybrid is done', () => {
  test.each(['web_server', 'database', 'asleep_in_function'] as const)(
    '%s, one thread asleep in the function (Documentation/livepatch/livepatch.rst: it gets a signal)',
    (load) => {
      const [kpatch, livepatch] = (['kpatch', 'livepatch'] as const).map((system) =>
        runLab({ ...base, load, sleepers: 1 }, system),
      )
      expect([kpatch?.status, kpatch?.attempts, kpatch?.completedUs]).toEqual(['gave_up', 5, null])
      expect([livepatch?.status, livepatch?.stops, livepatch?.never]).toEqual(['applied', [], []])
      const signalledUs = livepatch?.events.find(({ kind }) => kind === 'signalled')?.atUs ?? 0
      expect(signalledUs).toBeGreaterThan(14_000_000)
      expect(livepatch?.completedUs).toBeGreaterThan(signalledUs)
      expect(livepatch?.completedUs).toBeLessThan(18_000_000)
    },
  )

  test('so with functions that some thread always sleeps in (LWN 597407: a few dozen)', () => {
    const [kpatch, livepatch] = (['kpatch', 'livepatch'] as const).map(
      (system) => along(system, { over: 'functions', values: [40] })[0],
    )
    expect([kpatch?.attempts, kpatch?.completionSeconds]).toEqual([5, null])
    expect(livepatch?.completionSeconds?.[2]).toBeLessThan(60)
  })
})

test('at the same load the machine stands longest with kpatch, shorter with Ksplice, and not at all with the rest', () => {
  const [kpatch, ksplice, ...rest] = (['kpatch', 'ksplice', 'kgraft', 'livepatch_immediate', 'livepatch'] as const).map(
    (system) => along(system, { over: 'tasks', values: [1_000] })[0]?.pauseMs[1] ?? -1,
  )
  expect(kpatch).toBeGreaterThan(ksplice ?? Number.POSITIVE_INFINITY)
  expect(ksplice).toBeGreaterThan(0)
  expect(rest).toEqual([0, 0, 0])
})

test('nothing but livepatch of 4.0 lets one thread mix old and new (commit b700e7f0: no consistency model)', () => {
  const mixes = (['ksplice', 'kpatch', 'kgraft', 'livepatch_immediate', 'livepatch', 'kernelcare'] as const).flatMap(
    (system) => (runLab({ ...base, load: 'database', functions: 4 }, system).mixed.length > 0 ? [system] : []),
  )
  expect(mixes).toEqual(['livepatch_immediate'])
})

// Goal: the plots show the points of the sweep, and what was never done is said. Method: points by hand.
import type { SweepPoint } from '@rebootless/server/sim/lab/lab-run.ts'
import { expect, test } from 'vitest'
import { nameShifts, powerTicks, sweepLines, valuePosition, withoutPause } from './sweep-data.ts'

const point = (system: SweepPoint['system'], value: number, pause: number, seconds: number | null): SweepPoint => ({
  ...{ system, over: 'tasks', value, attempts: 1, pauseMs: [pause, pause, pause * 2] },
  completionSeconds: seconds === null ? null : [seconds, seconds, seconds],
})
const points = [
  ...[point('kpatch', 1_000, 3, null), point('kpatch', 100, 1, 0.002)],
  ...[point('kgraft', 100, 0, 4), point('kgraft', 1_000, 0, 8)],
]

test('a line goes from the least value to the most, with median and range', () => {
  const line = sweepLines(points, 'pause').find(({ system }) => system === 'kpatch')
  expect(line?.points).toEqual([
    { value: 100, median: 1, range: [1, 2] },
    { value: 1_000, median: 3, range: [3, 6] },
  ])
})

test('what was not done is no point but is told', () => {
  const line = sweepLines(points, 'completion').find(({ system }) => system === 'kpatch')
  expect(line?.points.map(({ value }) => value)).toEqual([100])
  expect(line?.never).toEqual([1_000])
})

test('who never stops the machine is named, not drawn at zero', () => {
  expect(withoutPause(sweepLines(points, 'pause'))).toEqual(['kgraft'])
})

test('scales hold all values, and 0 has a place of its own', () => {
  expect(powerTicks([0, 0.5, 40])).toEqual([0.1, 1, 10, 100])
  expect(powerTicks([1])).toEqual([1, 10])
  expect(powerTicks([])).toEqual([0.1, 1])
  expect([0, 1, 2, 10].map(valuePosition)).toEqual([0, 1, 2, 10].map(valuePosition).toSorted((a, b) => a - b))
  expect(valuePosition(0)).toBeLessThan(valuePosition(1))
})

test('names of lines that end at one place are set apart, others stay where their lines end', () => {
  const together = sweepLines([point('kpatch', 100, 10, 1), point('ksplice', 100, 10, 1)], 'pause')
  const shifts = nameShifts(together, 1, 100)
  expect([...shifts.values()].filter((shift) => shift > 0)).toHaveLength(1)
  const apart = sweepLines([point('kpatch', 100, 1, 1), point('ksplice', 100, 50, 1)], 'pause')
  expect([...nameShifts(apart, 1, 100).values()]).toEqual([0, 0])
})

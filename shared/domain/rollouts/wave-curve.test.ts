// Goal: the curve of a wave is the sum of its hosts' at each moment, whether read at once or piece by piece. Method: samples
// with times that are written out; then random fleets, whose sum is made anew from all that was ever said.
import { expect, test } from 'vitest'
import { type CurveSample, createWaveCurve } from './wave-curve.ts'

const START = Date.parse('2026-11-26T12:00:00.000Z')
const at = (second: number, remaining: number): CurveSample => ({ at: START + second * 1000, remaining })
const read = (curve: ReturnType<typeof createWaveCurve>, second: number, isOver = false) =>
  curve.read(START + second * 1000, isOver)

test('nothing seen is no curve and no rate', () => {
  expect(read(createWaveCurve(), 9)).toEqual({
    ...{ points: [], tasksPerSecond: null },
    ended: { recent: 0, recentMs: 0, all: 0, allMs: 0 },
  })
})

test('hosts add up, and one that is over leaves a second after its last word', () => {
  const curve = createWaveCurve()
  curve.take('a', [at(0, 100), at(2, 40)], true)
  curve.take('b', [at(1, 60), at(3, 10)], false)
  const { points, ended } = read(curve, 5)
  expect(points.map(({ tasksLeft, hostsInTransition }) => [tasksLeft, hostsInTransition])).toEqual([
    [100, 1],
    [160, 2],
    [100, 2],
    [50, 2],
    [40, 1],
    [40, 1],
  ])
  expect(ended).toEqual({ recent: 1, recentMs: 5_000, all: 1, allMs: 5_000 })
})

test('a rate counts tasks that switched of late, not hosts that came', () => {
  const curve = createWaveCurve()
  curve.take('a', [at(0, 900), at(50, 500), at(95, 300)], true)
  curve.take('b', [at(99, 5000)], true)
  expect(read(curve, 100).tasksPerSecond).toBeCloseTo(200 / 30)
})

test('a curve that is over ends with its last step; one that goes on ends now', () => {
  const curve = createWaveCurve()
  curve.take('a', [at(0, 10)], false)
  expect(read(curve, 600, true).points).toHaveLength(2)
  expect(read(curve, 600).points.length).toBeLessThanOrEqual(121)
  expect(read(curve, 600).points.at(-1)).toMatchObject({ tasksLeft: 0, hostsInTransition: 0 })
})

test.each([1, 2, 3, 4, 5])('piece by piece comes to the same as at once (seed %i)', (seed) => {
  let state = seed
  const below = (most: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * most)
  }
  const hosts = Array.from({ length: 20 }, (_, n) => {
    const begin = below(30)
    return {
      id: `h${n}`,
      ends: below(2) === 0,
      samples: Array.from({ length: 1 + below(20) }, (_, k) => at(begin + k, below(500))),
    }
  })
  const [whole, pieces] = [createWaveCurve(), createWaveCurve()]
  for (const { id, ends, samples } of hosts) {
    whole.take(id, samples, !ends)
    const cut = below(samples.length + 1)
    pieces.take(id, samples.slice(0, cut), true)
    pieces.take(id, samples.slice(cut), !ends)
  }
  expect(read(pieces, 60)).toEqual(read(whole, 60))
  const left = hosts.reduce((sum, { ends, samples }) => sum + (ends ? 0 : (samples.at(-1)?.remaining ?? 0)), 0)
  expect(read(whole, 60).points.at(-1)?.tasksLeft).toBe(left)
})

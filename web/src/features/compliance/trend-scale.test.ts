// Goal: the axes of the trend hold every value and say what they are cut to. Method: shares and counts as a fleet has them.
import { expect, test } from 'vitest'
import { barTop, shareTicks } from './trend-scale.ts'

test.each([
  { shares: [], ticks: [0.99, 0.995, 1] },
  { shares: [1], ticks: [0.99, 0.995, 1] },
  { shares: [0.982, 0.97], ticks: [0.97, 0.98, 0.99, 1] },
  { shares: [0.961], ticks: [0.96, 0.98, 1] },
  { shares: [0.5], ticks: [0.5, 0.75, 1] },
  { shares: [0], ticks: [0, 0.5, 1] },
])('ticks over $shares', ({ shares, ticks }) => {
  expect(shareTicks(shares)).toEqual(ticks)
})

test('no share lies below the axis', () => {
  for (let hundredths = 0; hundredths <= 100; hundredths += 1) {
    const [least = 1, ...rest] = shareTicks([hundredths / 100])
    expect(least).toBeLessThanOrEqual(hundredths / 100)
    expect(rest.at(-1)).toBe(1)
  }
})

test('a bar’s axis is never empty', () => {
  expect([[], [0], [1], [3], [41], [100], [612]].map(barTop)).toEqual([1, 1, 1, 5, 50, 100, 1000])
})

// Goal: the pause between attempts grows, stays bounded, and differs between many who failed together.
// Method: the pure function at its edges.
import { expect, test } from 'vitest'
import { backOffMs } from './back-off.ts'

test('doubles from 100 ms, half of it by chance', () => {
  expect([1, 2, 3].map((failures) => backOffMs(failures, 1))).toEqual([100, 200, 400])
  expect(backOffMs(3, 0)).toBe(200)
})

test('never exceeds 10 s, however many have failed', () => {
  expect(backOffMs(8, 1)).toBe(10_000)
  expect(backOffMs(1_000_000, 1)).toBe(10_000)
})

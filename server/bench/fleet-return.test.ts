// Goal: what one link did behind a kill is told from what it did before. Method: links whose moments are written by hand.
import { expect, test } from 'vitest'
import { returnOf } from './fleet-return.ts'

const link = (dialledAt: number[], welcomedAt: number | null, early: number) => ({
  ...{ hostId: 'a', dialledAt, welcomedAt, early },
})
const before = link([100, 200], 210, 1)

test('only dials behind the kill count; admission from the first one once the server is ready', () => {
  const after = link([100, 200, 1_000, 1_500, 3_000, 4_000], 4_200, 3)
  expect(returnOf(after, before, 2_000)).toEqual({ dials: 4, early: 2, backMs: 2_200, admittedMs: 1_200 })
})

test('one that was let in just before is back at once, one that never was is never back', () => {
  expect(returnOf(link([100, 200, 1_900], 1_950, 1), before, 2_000)).toMatchObject({ backMs: 0, admittedMs: 0 })
  expect(returnOf(link([100, 200, 2_500], null, 1), before, 2_000)).toMatchObject({ backMs: Number.POSITIVE_INFINITY })
})

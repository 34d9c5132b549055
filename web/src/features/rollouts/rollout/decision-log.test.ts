// Goal: a log that is only appended to is shown whole as far as it is shown. Method: pages as the API gives them, joined.
import { expect, test } from 'vitest'
import { type Decision, isJoined, joinDecisions } from './decision-log.ts'

const decision = (number: number): Decision => ({
  ...{ number, at: '2026-11-26T12:00:00.000Z', kind: 'stalled', wave: 0, hosts: [], sentence: `${number}` },
  ...{ because: null, by: null },
})
const log = (from: number, to: number, total = from + 1) => ({
  items: Array.from({ length: from - to + 1 }, (_, index) => decision(from - index)),
  total,
})
const numbers = (shown: { items: readonly Decision[] }) => shown.items.map(({ number }) => number)

test('new decisions stand before those that were known, and none stands twice', () => {
  const known = log(4, 2)
  const newest = log(6, 3)
  expect(isJoined(known, newest.items)).toBe(true)
  expect(numbers(joinDecisions(known, newest))).toEqual([6, 5, 4, 3, 2])
  expect(joinDecisions(known, newest).total).toBe(7)
})

test('older ones stand behind', () => {
  expect(numbers(joinDecisions(log(4, 3), log(2, 0, 5)))).toEqual([4, 3, 2, 1, 0])
})

test('a gap is seen', () => {
  expect(isJoined(log(4, 0), log(9, 6).items)).toBe(false)
  expect(isJoined(log(4, 0), log(9, 5).items)).toBe(true)
  expect(isJoined(log(4, 0), [])).toBe(true)
})

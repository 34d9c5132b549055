// Goal: what a host may send does not grow by coming back. Method: budgets over a clock of the test's own.
import { describe, expect, test } from 'vitest'
import { createHostBudgets } from './host-budgets.ts'

const limits = {
  messages: { burst: 20, perSecond: 1 },
  bytes: { burst: 1000, perSecond: 100 },
  changes: { burst: 3, perSecond: 2 },
  links: { burst: 4, perSecond: 0.1 },
  floodHoldMs: 30_000,
}

describe('T20 what a host may send', () => {
  test('is one budget over all of its links, and no other host’s', () => {
    const budgets = createHostBudgets(limits)
    for (let link = 0; link < 20; link += 1) expect(budgets.of('a', 0).take(1, 0)).toBe(true)
    expect(budgets.of('a', 0).take(1, 0)).toBe(false)
    expect(budgets.of('b', 0).take(1, 0)).toBe(true)
  })

  test('once it is more, by number or by size, holds it off for a while', () => {
    const budgets = createHostBudgets(limits)
    expect(budgets.of('a', 0).take(1001, 0)).toBe(false)
    expect(budgets.of('a', 29_999).takeLink(29_999)).toBe(false)
    expect(budgets.of('a', 30_000).takeLink(30_000)).toBe(true)
    expect(budgets.of('a', 30_000).take(1000, 30_000)).toBe(true)
    expect(budgets.of('b', 0).takeLink(0)).toBe(true)
  })

  test('holds off a host of which more waits than may', () => {
    const budget = createHostBudgets(limits).of('a', 0)
    budget.overflowed(0)
    expect([29_999, 30_000].map((at) => budget.takeLink(at))).toEqual([false, true])
  })

  test('knows links too, so that a host that only comes and goes is held off', () => {
    const budgets = createHostBudgets(limits)
    expect([0, 0, 0, 0, 0].map((at) => budgets.of('a', at).takeLink(at))).toEqual([true, true, true, true, false])
    expect(budgets.of('a', 29_999).takeLink(29_999)).toBe(false)
    expect(budgets.of('a', 30_000).takeLink(30_000)).toBe(true)
  })

  test('is looked at at its pace: some at once, the rest one after the other', () => {
    const budget = createHostBudgets(limits).of('a', 0)
    expect([0, 0, 0].map((at) => budget.pauseMs(at))).toEqual([0, 0, 0])
    expect(budget.pauseMs(0)).toBe(500)
    expect(budget.pauseMs(500)).toBe(500)
    expect(budget.pauseMs(10_000)).toBe(0)
  })

  test('is forgotten when it has long been full again, and not before', () => {
    const budgets = createHostBudgets(limits)
    const first = budgets.of('a', 0)
    budgets.of('b', 299_000)
    expect(budgets.of('a', 299_000)).toBe(first)
    budgets.of('b', 700_000)
    expect(budgets.of('a', 700_000)).not.toBe(first)
  })
})

// Goal: what a host may send does not grow by coming back. Method: budgets over a clock of the test's own.
import { describe, expect, test } from 'vitest'
import { createHostBudgets } from './host-budgets.ts'

const limits = { messages: { burst: 10, perSecond: 1 }, bytes: { burst: 1000, perSecond: 100 }, floodHoldMs: 30_000 }

describe('T20 what a host may send', () => {
  test('is one budget over all of its links, and no other host’s', () => {
    const budgets = createHostBudgets(limits)
    for (let link = 0; link < 10; link += 1) expect(budgets.of('a', 0).take(1, 0)).toBe(true)
    expect(budgets.of('a', 0).take(1, 0)).toBe(false)
    expect(budgets.of('b', 0).take(1, 0)).toBe(true)
  })

  test('once it is more, by number or by size, holds it off for a while', () => {
    const budgets = createHostBudgets(limits)
    expect(budgets.of('a', 0).take(1001, 0)).toBe(false)
    expect(budgets.of('a', 29_999).isHeld(29_999)).toBe(true)
    expect(budgets.of('a', 30_000).isHeld(30_000)).toBe(false)
    expect(budgets.of('a', 30_000).take(1000, 30_000)).toBe(true)
    expect(budgets.of('b', 0).isHeld(0)).toBe(false)
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

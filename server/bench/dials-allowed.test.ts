// Goal: what back-off allows is never exceeded by back-off itself, and is by what dials faster. Method: the agents' own draws, by the
// thousand from a seed, against the bound.
import { expect, test } from 'vitest'
import { BACK_OFF, backOffMs } from '../agent/link/back-off.ts'
import { mixed, Random } from '../sim/core/random.ts'
import { dialsAllowed } from './dials-allowed.ts'

const AGENTS = 5_000

/** The most that any of the agents dials within an outage. */
const mostDials = (outageMs: number, limits: { baseMs: number; capMs: number }): number => {
  const random = new Random(mixed(4711, outageMs))
  const chance = () => random.integer(0, 999_999) / 1_000_000
  const dialsOf = (): number => {
    for (let [at, dials] = [0, 0]; ; dials += 1) {
      at += backOffMs(dials, chance, limits)
      if (at > outageMs) return dials
    }
  }
  return Math.max(...Array.from({ length: AGENTS }, dialsOf))
}

test.each([1_000, 10_000, 60_000, 300_000])('within %d ms', (outageMs) => {
  const allowed = dialsAllowed(AGENTS, outageMs)
  expect(mostDials(outageMs, BACK_OFF)).toBeLessThanOrEqual(allowed)
  expect(mostDials(outageMs, { ...BACK_OFF, capMs: outageMs / 100 })).toBeGreaterThan(allowed)
})

// Goal: a host that joins late is spared what it has missed. Method: the same host, early and late, on virtual time.
import { expect, test } from 'vitest'
import { createFaultSchedule, ROUND_SECONDS } from './faults.ts'
import { hostPlan } from './host-plan.ts'
import { life } from './incidents.ts'
import { SimulatedHost } from './simulated-host.ts'

const SEED = 1
const HOSTS = 60
const schedule = createFaultSchedule({ seed: SEED, hosts: HOSTS })
const early = Array.from({ length: HOSTS }, (_, index) => index).find((index) => schedule.incident(index, 0) !== null)

/** Seconds at which something begins, by the host's log, for a host that joins at `joinsAtSeconds`. */
const begins = (joinsAtSeconds: number, index = early, word = ' begins'): number[] => {
  const found: number[] = []
  const host = new SimulatedHost({
    plan: hostPlan(SEED, index ?? 0),
    startedAtMs: Date.UTC(2026, 0, 1),
    onLog: (atUs, text) => void (text.endsWith(word) && found.push(atUs / 1_000_000)),
  })
  host.run(life(host, schedule, joinsAtSeconds))
  for (let second = Math.floor(joinsAtSeconds); second <= 2 * ROUND_SECONDS; second += 1)
    host.advanceTo(second * 1_000_000)
  return found
}

test('a host that joins in the middle of a round begins with the next', () => {
  expect(begins(0).some((at) => at < ROUND_SECONDS)).toBe(true)
  expect(begins(3).some((at) => at < ROUND_SECONDS)).toBe(true)
  expect(begins(ROUND_SECONDS / 2).filter((at) => at < ROUND_SECONDS)).toEqual([])
})

test('a busy host has work to do as soon as it joins, unless the work would be over too soon', () => {
  const busy = Array.from({ length: HOSTS }, (_, index) => index).find(
    (index) => hostPlan(SEED, index).condition === 'busy',
  )
  expect(busy).toBeDefined()
  const works = (joinsAtSeconds: number) => begins(joinsAtSeconds, busy, 'works at an upgrade')
  expect(works(60).some((at) => at < ROUND_SECONDS)).toBe(true)
  expect(works(200).filter((at) => at < ROUND_SECONDS)).toEqual([])
})

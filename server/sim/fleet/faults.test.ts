// Goal: what the fleet is to show happens in every ten minutes, to hosts that it can befall, the same for the same
// seed. Method: the schedule of many rounds, and hosts that live through it on virtual time.
import { describe, expect, test } from 'vitest'
import { createFaultSchedule, FAULTS, type Incident, ROUND_SECONDS, SECONDS_MAX } from './faults.ts'
import { hostPlan } from './host-plan.ts'
import { life } from './incidents.ts'
import { SimulatedHost } from './simulated-host.ts'

const rounds = (seed: number, hosts: number, count: number): Incident[][] => {
  const schedule = createFaultSchedule({ seed, hosts })
  return Array.from({ length: count }, (_, round) =>
    Array.from({ length: hosts }, (_, index) => schedule.incident(index, round)).filter((one) => one !== null),
  )
}

/** Everything that befell a fleet, and what each kernel's log says at the end. */
const livedThrough = async (seed: number, hosts: number, minutes: number): Promise<string> => {
  const schedule = createFaultSchedule({ seed, hosts })
  const lines: string[] = []
  const fleet = Array.from({ length: hosts }, (_, index) => {
    const plan = hostPlan(seed, index)
    const onLog = (atUs: number, text: string) => lines.push(`${atUs} ${plan.name} ${text}`)
    const host = new SimulatedHost({ plan, startedAtMs: Date.UTC(2026, 0, 1), onLog })
    host.run(life(host, schedule))
    return host
  })
  for (let second = 1; second <= minutes * 60; second += 1) for (const host of fleet) host.advanceTo(second * 1_000_000)
  for (const host of fleet) {
    const stop = new AbortController()
    const following = host.kernel?.fs().followKernelLog((record) => lines.push(record), stop.signal)
    stop.abort()
    await following
  }
  return lines.join('\n')
}

describe('among sixty hosts', () => {
  // A round is five minutes, so any ten minutes hold a whole one.
  test.each([1, 2, 3, 4711])('each fault happens in every round (seed %i)', (seed) => {
    for (const incidents of rounds(seed, 60, 6)) {
      expect(incidents.map(({ fault }) => fault).sort()).toEqual([...FAULTS].sort())
    }
  })

  test('none starts so late that the next round would come upon it', () => {
    for (const [round, incidents] of rounds(1, 60, 6).entries()) {
      for (const { fault, atSeconds } of incidents) {
        expect(atSeconds).toBeGreaterThan(round * ROUND_SECONDS)
        expect(atSeconds + SECONDS_MAX[fault]).toBeLessThanOrEqual((round + 1) * ROUND_SECONDS)
      }
    }
  })

  test('all are over within the time that they have, and leave no refusal behind', async () => {
    const log = await livedThrough(1, 60, 15)
    const begun = log.match(/^\d+ \S+ \w+ begins$/gm) ?? []
    expect(begun).toHaveLength(3 * FAULTS.length)
    expect(log.match(/^\d+ \S+ \w+ is over$/gm)).toHaveLength(begun.length)
    for (const line of begun) {
      const [, atUs, name, fault = ''] = /^(\d+) (\S+) (\w+)/.exec(line) ?? []
      const ends = log
        .match(new RegExp(`^\\d+ ${name} ${fault} is over$`, 'gm'))
        ?.map((end) => Number.parseInt(end, 10))
      const next = ends?.find((endUs) => endUs > Number(atUs)) ?? Number.POSITIVE_INFINITY
      expect((next - Number(atUs)) / 1_000_000, line).toBeLessThanOrEqual(SECONDS_MAX[fault as Incident['fault']])
    }
    // Only rmmod of what was not there, before it is loaded.
    expect(log.match(/^\d+ \S+ (?!rmmod \S+: ENOENT).*: E[A-Z]+$/gm) ?? []).toEqual([])
  })
})

test('the same seed gives the same log to the byte, another one another', async () => {
  const log = await livedThrough(5, 20, 10)
  expect(log).toContain('starting patching transition')
  expect(await livedThrough(5, 20, 10)).toBe(log)
  expect(await livedThrough(6, 20, 10)).not.toBe(log)
})

test('a handful of hosts takes turns with the faults, at most one each round and host', () => {
  const perRound = rounds(1, 4, 12)
  for (const incidents of perRound) expect(incidents.length).toBeGreaterThan(1)
  expect(new Set(perRound.flat().map(({ fault }) => fault)).size).toBeGreaterThan(FAULTS.length / 2)
})

test('ten thousand hosts have each fault some twenty times a round', () => {
  const [incidents = []] = rounds(1, 10_000, 1)
  for (const fault of FAULTS) expect(incidents.filter((one) => one.fault === fault)).toHaveLength(20)
})

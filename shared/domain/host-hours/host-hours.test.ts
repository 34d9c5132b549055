// Goal: each host-hour of a CVE is counted once and in the right part. Method: a worked case; and random histories, held against a
// counter that looks at every minute of every host.
import { expect, test } from 'vitest'
import { type HostHistory, type HostPeriod, hostHours } from './host-hours.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

test('from disclosure over fix, transition and upgrade', () => {
  const hours = (from: number, to: number, finding: HostPeriod['finding'], inTransition = false): HostPeriod => ({
    ...{ from: from * HOUR, to: to * HOUR, finding, inTransition },
  })
  const periods = [
    hours(0, 30, 'open'),
    hours(30, 32, 'open', true),
    hours(32, 50, 'fixed'),
    // The upgrade: the old livepatch is disabled, and the new one's transition runs.
    hours(50, 51, 'open'),
    hours(51, 53, 'open', true),
    hours(53, Number.POSITIVE_INFINITY, 'fixed'),
  ]
  expect(hostHours([{ periods, fixAvailableAt: 20 * HOUR }], 10 * HOUR, { from: 0, to: 100 * HOUR })).toEqual({
    total: 25,
    beforeFix: 10,
    beforeLoaded: 10,
    inTransition: 2,
    gaps: 3,
    unknown: 0,
  })
})

test('random histories, minute by minute', () => {
  let state = 11
  const chance = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((state / 0x80000000) * below)
  }
  const END = 240
  const seen = { total: 0, beforeFix: 0, beforeLoaded: 0, inTransition: 0, gaps: 0, unknown: 0 }
  for (let round = 0; round < 1_000; round += 1) {
    const hosts: HostHistory[] = Array.from({ length: 1 + chance(4) }, () => {
      const periods: HostPeriod[] = []
      for (let from = chance(60); from < END; from += chance(4) === 0 ? chance(20) : 0) {
        const to = from + 1 + chance(60)
        const finding = (['open', 'open', 'fixed', 'safe', 'unknown'] as const)[chance(5)] ?? 'open'
        const last = to >= END ? Number.POSITIVE_INFINITY : to * MINUTE
        periods.push({ from: from * MINUTE, to: last, finding, inTransition: chance(3) === 0 })
        from = to
      }
      return { periods, fixAvailableAt: chance(5) === 0 ? null : chance(END) * MINUTE }
    })
    const disclosedAt = chance(5) === 0 ? null : chance(END) * MINUTE
    const window = { from: chance(END) * MINUTE, to: chance(END) * MINUTE }
    const minutes = { total: 0, beforeFix: 0, beforeLoaded: 0, inTransition: 0, gaps: 0, unknown: 0 }
    for (const { periods, fixAvailableAt } of hosts) {
      for (let at = window.from; at < window.to; at += MINUTE) {
        const period = periods.find(({ from, to }) => from <= at && at < to)
        if (period === undefined || (disclosedAt !== null && at < disclosedAt)) continue
        if (period.finding === 'unknown') minutes.unknown += 1
        if (period.finding !== 'open') continue
        minutes.total += 1
        if (periods.some(({ finding, from }) => finding === 'fixed' && from <= at)) minutes.gaps += 1
        else if (fixAvailableAt === null || at < fixAvailableAt) minutes.beforeFix += 1
        else if (period.inTransition) minutes.inTransition += 1
        else minutes.beforeLoaded += 1
      }
    }
    const counted = hostHours(hosts, disclosedAt, window)
    for (const part of Object.keys(seen) as (keyof typeof seen)[]) {
      expect(counted[part] * 60, `${part} of round ${round}`).toBeCloseTo(minutes[part], 6)
      seen[part] += minutes[part]
    }
  }
  for (const [part, minutes] of Object.entries(seen)) expect(minutes, part).toBeGreaterThan(1_000)
})

// Goal: a wave's estimate is a range that follows from what was seen, and says outright of whom nobody can say anything.
// Method: waves whose ends are known, given as facts.
import { expect, test } from 'vitest'
import { hostsPerMinute, type WaveFacts, waveEstimate } from './wave-estimate.ts'

const NOW = Date.parse('2026-11-26T12:00:00.000Z')
const at = (ms: number) => new Date(NOW + ms).toISOString()
const facts = (change: Partial<WaveFacts> = {}): WaveFacts => ({
  ...{ now: NOW, waiting: 0, held: null, stalled: 0, notHeard: 0, running: [], runningUnread: 0 },
  ended: { recent: 0, recentMs: 120_000, all: 0, allMs: 0 },
  ...change,
})
/** Twenty seconds of readings, one a second, that lose so many tasks in each second of either half. */
const falling = (early: number, late: number) =>
  Array.from({ length: 21 }, (_, second) => ({
    at: at((second - 20) * 1000),
    remaining: 100 + (second < 10 ? late * 10 + early * (10 - second) : late * (20 - second)),
  }))
const seconds = (instant: string | null) => (instant === null ? null : Math.round((Date.parse(instant) - NOW) / 1000))

test('nothing left is said so', () => {
  expect(waveEstimate(facts())).toEqual({
    ...{ earliest: null, latest: null, hosts: 0, unknownHosts: 0 },
    condition: 'Nothing is left to do: every host has settled.',
  })
})

test('running hosts: the last of them decides, by the whole and by the newer rate', () => {
  const { earliest, latest, hosts, unknownHosts } = waveEstimate(facts({ running: [falling(10, 10), falling(30, 10)] }))
  // 100 tasks are left; at 10 a second 10 s and a retry; over the 20 s of the second host 20 a second.
  expect([seconds(earliest), seconds(latest), hosts, unknownHosts]).toEqual([11, 11, 2, 0])
  const slower = waveEstimate(facts({ running: [falling(30, 10)] }))
  expect([seconds(slower.earliest), seconds(slower.latest)]).toEqual([6, 11])
})

test('stalled hosts have no estimate, and the others keep theirs', () => {
  const alone = waveEstimate(facts({ stalled: 2 }))
  expect(alone).toMatchObject({ earliest: null, latest: null, hosts: 0, unknownHosts: 2 })
  expect(alone.condition).toBe('No estimate for 2 stalled hosts: nobody can say when their blocking tasks leave.')
  const beside = waveEstimate(facts({ stalled: 1, running: [falling(10, 10)] }))
  expect([seconds(beside.latest), beside.hosts, beside.unknownHosts]).toEqual([11, 1, 1])
  expect(beside.condition).toContain('No estimate for 1 stalled host')
})

test('hosts that wait go at the rate at which hosts end, with a range that is wide while few have', () => {
  const nine = waveEstimate(facts({ waiting: 9, ended: { recent: 9, recentMs: 120_000, all: 9, allMs: 300_000 } }))
  // Nine ends in two minutes, give or take three: 12 or 6 in that time.
  expect([seconds(nine.earliest), seconds(nine.latest), nine.hosts]).toEqual([90, 180, 9])
  const many = waveEstimate(facts({ waiting: 9, ended: { recent: 900, recentMs: 12_000_000, all: 900, allMs: 1 } }))
  expect(seconds(many.latest)).toBeLessThan(130)
})

test('without enough ends, or while nothing begins, there is none', () => {
  const few = waveEstimate(facts({ waiting: 5, ended: { recent: 2, recentMs: 120_000, all: 2, allMs: 60_000 } }))
  expect(few).toMatchObject({ earliest: null, unknownHosts: 5 })
  expect(few.condition).toContain('too few have come to their end')
  const ended = { recent: 9, recentMs: 120_000, all: 9, allMs: 120_000 }
  const paused = waveEstimate(facts({ waiting: 5, held: 'the rollout is paused', ended }))
  expect(paused).toMatchObject({ earliest: null, unknownHosts: 5 })
  expect(paused.condition).toBe('No estimate for 5 hosts yet to begin: the rollout is paused.')
})

test('a host that does not move is not told of as one that will end', () => {
  const still = falling(0, 0)
  expect(waveEstimate(facts({ running: [still, []] }))).toMatchObject({ earliest: null, hosts: 0, unknownHosts: 2 })
})

test('the rate of hosts is that of late, else that of all, else none', () => {
  expect(hostsPerMinute({ ended: { recent: 4, recentMs: 120_000, all: 40, allMs: 120_000 } })).toBe(2)
  expect(hostsPerMinute({ ended: { recent: 1, recentMs: 120_000, all: 30, allMs: 600_000 } })).toBe(3)
  expect(hostsPerMinute({ ended: { recent: 1, recentMs: 120_000, all: 2, allMs: 600_000 } })).toBeNull()
  expect(hostsPerMinute({ ended: { recent: 0, recentMs: 120_000, all: 30, allMs: 600_000 } })).toBeNull()
})

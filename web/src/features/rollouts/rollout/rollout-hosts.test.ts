// Goal: ten thousand rows are joined with a few changed ones, and nothing that stayed is another object. Method: rows made
// here, as they come from the API, page by page and as changes.
import { expect, test } from 'vitest'
import { chosenHosts, joinHosts, type RolloutHost } from './rollout-hosts.ts'

const row = (number: number, change: Partial<RolloutHost> = {}): RolloutHost => ({
  id: `host-${number}`,
  name: `db-${number}`,
  wave: number < 2 ? 0 : 1,
  stage: 'waiting',
  since: '2026-11-26T12:00:00.000Z',
  why: null,
  attempt: 0,
  ...change,
})
const five = () => joinHosts(undefined, { items: [0, 1, 2, 3, 4].map((number) => row(number)), changes: 7 })

test('pages are put together in their order, by wave', () => {
  const first = joinHosts(undefined, { items: [row(0), row(1), row(2)], changes: 7 })
  const all = joinHosts(first, { items: [row(3), row(4, { wave: null, stage: 'left out' })], changes: 9 })
  expect(all.waves.map((wave) => wave.map(({ name }) => name))).toEqual([
    ['db-0', 'db-1'],
    ['db-2', 'db-3'],
  ])
  expect(all.others.map(({ name }) => name)).toEqual(['db-4'])
  expect(all).toMatchObject({ total: 5, changes: 9 })
})

test('a changed row takes its place; other rows and other waves are the same objects', () => {
  const before = five()
  const after = joinHosts(before, { items: [row(3, { stage: 'done' })], changes: 8 })
  expect(after.waves[1]?.map(({ stage }) => stage)).toEqual(['waiting', 'done', 'waiting'])
  expect(after.waves[0]).toBe(before.waves[0])
  expect(after.waves[1]?.[0]).toBe(before.waves[1]?.[0])
  expect(after.others).toBe(before.others)
})

test('what comes again unchanged changes nothing', () => {
  const before = five()
  expect(joinHosts(before, { items: [row(3)], changes: 7 })).toBe(before)
  const later = joinHosts(before, { items: [], changes: 8 })
  expect(later.waves).toBe(before.waves)
  expect(later.changes).toBe(8)
})

test('a host that joins goes last in its wave, and one that leaves its wave stands once', () => {
  const joined = joinHosts(five(), { items: [row(9, { wave: 0 })], changes: 8 })
  expect(joined.waves[0]?.map(({ name }) => name)).toEqual(['db-0', 'db-1', 'db-9'])
  const moved = joinHosts(joined, { items: [row(1, { wave: null, stage: 'left out' })], changes: 9 })
  expect(moved.waves[0]?.map(({ name }) => name)).toEqual(['db-0', 'db-9'])
  expect(moved.others.map(({ name }) => name)).toEqual(['db-1'])
  expect(moved.total).toBe(6)
})

test('hosts are chosen by wave and by stage', () => {
  const hosts = joinHosts(five(), { items: [row(1, { stage: 'stalled' }), row(2, { stage: 'stalled' })], changes: 8 })
  const names = (asked: Parameters<typeof chosenHosts>[1]) => chosenHosts(hosts, asked).map(({ name }) => name)
  expect(names({ stage: 'stalled' })).toEqual(['db-1', 'db-2'])
  expect(names({ wave: 1, stage: 'stalled' })).toEqual(['db-2'])
  expect(names({ wave: 7 })).toEqual([])
  expect(names({})).toHaveLength(5)
})

// Goal: events change just what they speak of, in place. Method: a real query cache, filled by hand.
import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { QueryClient } from '@tanstack/react-query'
import { beforeEach, describe, expect, test } from 'vitest'
import { queryKeys } from '../api/query-keys.ts'
import { applyEvents } from './apply-events.ts'

const AT = '2026-11-24T23:54:24.120Z'
const host = (id: string, change: Partial<HostSummary> = {}): HostSummary => ({
  id,
  name: id,
  origin: 'agent',
  state: 'patched',
  stateReason: '',
  stateSince: AT,
  labels: {},
  kernelRelease: '6.12',
  architecture: 'x86_64',
  operatingSystem: null,
  providers: [],
  effectiveKernel: null,
  reboot: 'unknown',
  patches: [],
  transition: null,
  connected: true,
  quarantined: false,
  exposure: null,
  lastSeenAt: AT,
  readAt: AT,
  revision: 5,
  ...change,
})
const byState = { filter: '', sort: 'state' } as const
const byName = { filter: '', sort: 'name' } as const

let cache: QueryClient
const rows = (asked: { filter: string; sort: 'state' | 'name' }) =>
  cache
    .getQueryData<{ pages: { items: HostSummary[] }[] }>(queryKeys.hostList(asked))
    ?.pages.flatMap((page) => page.items)
const change = (changed: HostSummary) => applyEvents(cache, [{ type: 'host.changed', host: changed, at: AT }])

beforeEach(() => {
  cache = new QueryClient()
  for (const asked of [byState, byName])
    cache.setQueryData(queryKeys.hostList(asked), {
      pages: [
        { items: [host('a'), host('b')], nextCursor: '2', total: 3, asOf: AT },
        { items: [host('c')], nextCursor: null, total: 3, asOf: AT },
      ],
      pageParams: [null, '2'],
    })
})

describe('a changed host', () => {
  test('is patched where it stands, and its state makes the list by state wait to be shown', () => {
    const applied = change(host('c', { state: 'stalled', revision: 6 }))
    expect(rows(byState)?.map((row) => [row.id, row.state])).toEqual([
      ['a', 'patched'],
      ['b', 'patched'],
      ['c', 'stalled'],
    ])
    expect([...applied.displaced]).toEqual(['c'])
    expect([...applied.changed]).toEqual(['c'])
    expect(applied.inAnotherState).toMatchObject([{ id: 'c', state: 'stalled' }])
  })

  test('that keeps its place displaces nothing', () => {
    expect([...change(host('b', { revision: 6, lastSeenAt: '2026-11-25T00:00:00.000Z' })).displaced]).toEqual([])
  })

  test('in a filtered list may match no more', () => {
    cache.clear()
    const asked = { filter: 'label.env:prod', sort: 'name' } as const
    cache.setQueryData(queryKeys.hostList(asked), {
      pages: [{ items: [host('a', { labels: { env: 'prod' } })], nextCursor: null, total: 1, asOf: AT }],
      pageParams: [null],
    })
    expect([...change(host('a', { labels: { env: 'test' }, revision: 6 })).displaced]).toEqual(['a'])
  })

  test('with an older or the same revision changes nothing', () => {
    for (const revision of [4, 5]) {
      const applied = change(host('b', { state: 'failed', revision }))
      expect([...applied.changed, ...applied.displaced, ...applied.inAnotherState]).toEqual([])
    }
    expect(rows(byState)?.every((row) => row.state === 'patched')).toBe(true)
  })

  test('that no list holds waits to be shown and is put in none', () => {
    expect([...change(host('new', { revision: 1 })).displaced]).toEqual(['new'])
    expect(rows(byName)).toHaveLength(3)
  })

  test('is merged into its own page, whose other queries are asked for anew', () => {
    cache.setQueryData(queryKeys.hostFacts('a'), { ...host('a'), stack: ['kept'] })
    cache.setQueryData(queryKeys.hostTransition('a'), {})
    cache.setQueryData(queryKeys.hostTransition('b'), {})
    change(host('a', { state: 'patching', revision: 6 }))
    expect(cache.getQueryData(queryKeys.hostFacts('a'))).toMatchObject({ state: 'patching', stack: ['kept'] })
    expect(cache.getQueryState(queryKeys.hostTransition('a'))?.isInvalidated).toBe(true)
    expect(cache.getQueryState(queryKeys.hostTransition('b'))?.isInvalidated).toBe(false)
  })
})

test('of many events at once the last of each host counts, and each list is written once', () => {
  const changed = (id: string, revision: number, state: HostSummary['state']) =>
    ({ type: 'host.changed', host: host(id, { revision, state }), at: AT }) as const
  let writes = 0
  const stop = cache.getQueryCache().subscribe(({ type }) => {
    if (type === 'updated') writes += 1
  })
  const events = [
    changed('a', 6, 'patching'),
    changed('c', 6, 'failed'),
    changed('a', 7, 'stalled'),
    changed('b', 4, 'failed'),
  ]
  const applied = applyEvents(cache, events)
  stop()
  expect(rows(byName)?.map(({ id, state }) => `${id} ${state}`)).toEqual(['a stalled', 'b patched', 'c failed'])
  expect([...applied.changed].sort()).toEqual(['a', 'c'])
  expect(applied.inAnotherState.map(({ id, state }) => `${id} ${state}`)).toEqual(['a stalled', 'c failed'])
  expect(writes).toBe(2)
})

test("a sample invalidates that host's transition and redirections alone", () => {
  for (const key of [queryKeys.hostTransition('a'), queryKeys.hostRedirections('a'), queryKeys.hostRaw('a')])
    cache.setQueryData(key, {})
  applyEvents(cache, [{ type: 'host.sampled', hostId: 'a', revision: 6, at: AT }])
  expect(cache.getQueryState(queryKeys.hostTransition('a'))?.isInvalidated).toBe(true)
  expect(cache.getQueryState(queryKeys.hostRedirections('a'))?.isInvalidated).toBe(true)
  expect(cache.getQueryState(queryKeys.hostRaw('a'))?.isInvalidated).toBe(false)
})

test('a rollout that changed is asked for with the lists, and no other one', () => {
  const asked = [queryKeys.rollout('a'), queryKeys.rolloutHosts('a'), [...queryKeys.rolloutLists, 'all']]
  const others = [queryKeys.rollout('b'), queryKeys.rolloutHosts('b'), queryKeys.rolloutPolicies]
  for (const key of [...asked, ...others]) cache.setQueryData(key, {})
  applyEvents(cache, [{ type: 'rollout.changed', rolloutId: 'a', at: AT }])
  const isInvalidated = (key: readonly unknown[]) => cache.getQueryState(key)?.isInvalidated
  expect(asked.map(isInvalidated)).toEqual([true, true, true])
  expect(others.map(isInvalidated)).toEqual([false, false, false])
})

test.each([
  [{ type: 'policies.changed' }, queryKeys.rolloutPolicies],
  [{ type: 'templates.changed' }, queryKeys.rolloutTemplates],
  [{ type: 'channels.changed' }, queryKeys.channels],
  [{ type: 'alerts.changed' }, queryKeys.alerts],
  [{ type: 'users.changed' }, queryKeys.users],
  [{ type: 'sessions.changed', userId: 'ada' }, queryKeys.sessions('ada')],
  [{ type: 'tokens.changed', userId: 'ada' }, queryKeys.apiTokens],
  [{ type: 'enrolment.changed' }, queryKeys.joinTokens],
  [{ type: 'enrolment.changed' }, queryKeys.waitingRoom],
  [{ type: 'enrolment.changed' }, queryKeys.authorities],
] as const)('%o asks for what it speaks of alone', (event, key) => {
  const all = [queryKeys.users, queryKeys.sessions('ada'), queryKeys.apiTokens, queryKeys.fleetCells, queryKeys.freeze]
  for (const one of [queryKeys.rolloutPolicies, queryKeys.rolloutTemplates, queryKeys.channels, queryKeys.alerts])
    cache.setQueryData(one, {})
  for (const one of [...all, queryKeys.joinTokens, queryKeys.waitingRoom, queryKeys.authorities])
    cache.setQueryData(one, {})
  applyEvents(cache, [{ ...event, at: AT }])
  expect(cache.getQueryState(key)?.isInvalidated).toBe(true)
  const others = all.filter((one) => cache.getQueryState(one)?.isInvalidated && String(one) !== String(key))
  expect(others).toEqual([])
})

test('a reset invalidates everything, and a removal leaves the rows until they are asked for', () => {
  expect([...applyEvents(cache, [{ type: 'host.removed', hostId: 'a', at: AT }]).displaced]).toEqual(['a'])
  expect(rows(byState)).toHaveLength(3)
  applyEvents(cache, [{ type: 'reset', at: AT }])
  expect(cache.getQueryState(queryKeys.hostList(byState))?.isInvalidated).toBe(true)
})

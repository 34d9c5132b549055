// Goal: a host that enrols is told from one that only changes. Method: the store alone, fed by hand.
import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { expect, test } from 'vitest'
import { createLiveStore } from './live-store.ts'

const host = (id: string, revision: number, state: HostSummary['state'] = 'stale') =>
  ({ id, revision, state, name: id }) as HostSummary
const take = (store: ReturnType<typeof createLiveStore>, one: HostSummary, known: boolean) =>
  store.take({ hosts: [one], changed: new Set(known ? [one.id] : []), displaced: new Set() })
const followed = (store: ReturnType<typeof createLiveStore>) =>
  [...store.enrolled().values()].map(({ host: { id, state } }) => `${id} ${state}`)

test('a host is new by its first revisions, and is followed from then on', () => {
  const store = createLiveStore()
  take(store, host('old', 4711), false)
  expect(followed(store)).toEqual([])
  take(store, host('new', 1), false)
  const at = store.enrolled().get('new')?.at
  take(store, host('new', 9, 'exposed'), true)
  expect(followed(store)).toEqual(['new exposed'])
  expect(store.enrolled().get('new')?.at).toBe(at)
})

test('a young host that a page had before is not new', () => {
  const store = createLiveStore()
  take(store, host('young', 2), true)
  expect(followed(store)).toEqual([])
})

import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { useMemo, useSyncExternalStore } from 'react'
import type { Applied } from './apply-events.ts'

export interface LiveStatus {
  /** `starting` before the first opening; `lost` when the stream was cut and what is shown may be old. */
  readonly connection: 'starting' | 'live' | 'lost'
  readonly since: number
  readonly retryAt: number | null
}

const MARK_MS = 2000
/** A host's first revisions are its enrolment and its first connection: a row so young is that of a new host. */
const YOUNG_REVISION = 3
const ENROLLED_MAX = 50

/** What the pages know of the stream: whether it holds, what changed in the last two seconds, what waits to be shown. */
export const createLiveStore = () => {
  const listeners = new Set<() => void>()
  let status: LiveStatus = { connection: 'starting', since: Date.now(), retryAt: null }
  let changed: ReadonlyMap<string, number> = new Map()
  let displaced: ReadonlySet<string> = new Set()
  let enrolled: ReadonlyMap<string, { host: HostSummary; at: number }> = new Map()
  const tell = () => {
    for (const listener of listeners) listener()
  }
  const mark = (ids: ReadonlySet<string>) => {
    const stamp = Date.now()
    changed = new Map([...changed, ...[...ids].map((id) => [id, stamp] as const)])
    setTimeout(() => {
      changed = new Map([...changed].filter(([, at]) => at > stamp))
      tell()
    }, MARK_MS)
  }
  /** A host that enrols while this page looks is kept, and what becomes of it. `known`: a page had it before. */
  const isFollowed = (host: HostSummary, known: boolean) =>
    enrolled.has(host.id) || (!known && host.revision <= YOUNG_REVISION)
  const follow = (host: HostSummary) => {
    const kept = [...enrolled].filter(([id]) => id !== host.id).slice(1 - ENROLLED_MAX)
    enrolled = new Map([...kept, [host.id, { host, at: enrolled.get(host.id)?.at ?? Date.now() }]])
  }
  return {
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    status: () => status,
    changed: () => changed,
    displaced: () => displaced,
    enrolled: () => enrolled,
    setStatus: (next: Partial<LiveStatus>) => {
      status = { ...status, ...next }
      tell()
    },
    /** What events have changed: told once, however many they are. */
    take: ({ hosts, changed: ids, displaced: moved }: Pick<Applied, 'hosts' | 'changed' | 'displaced'>) => {
      const followed = hosts.filter((host) => isFollowed(host, ids.has(host.id)))
      if (ids.size > 0) mark(ids)
      if (moved.size > 0) displaced = new Set([...displaced, ...moved])
      for (const host of followed) follow(host)
      if (ids.size + moved.size + followed.length > 0) tell()
    },
    settle: () => {
      displaced = new Set()
      tell()
    },
  }
}

export const liveStore = createLiveStore()

export const useLiveStatus = (): LiveStatus => useSyncExternalStore(liveStore.subscribe, liveStore.status)
/** When the host last changed, if in the last two seconds. */
export const useChangedAt = (id: string): number | undefined =>
  useSyncExternalStore(liveStore.subscribe, () => liveStore.changed().get(id))
/** Hosts that may stand elsewhere in the lists by now. */
export const useDisplaced = (): ReadonlySet<string> => useSyncExternalStore(liveStore.subscribe, liveStore.displaced)

/** Hosts that enrolled since `instant`, in milliseconds, as they are now. */
export const useEnrolledSince = (instant: number): HostSummary[] => {
  const enrolled = useSyncExternalStore(liveStore.subscribe, liveStore.enrolled)
  return useMemo(
    () => [...enrolled.values()].filter(({ at }) => at >= instant).map(({ host }) => host),
    [enrolled, instant],
  )
}

import { useSyncExternalStore } from 'react'

export interface LiveStatus {
  /** `starting` before the first opening; `lost` when the stream was cut and what is shown may be old. */
  readonly connection: 'starting' | 'live' | 'lost'
  readonly since: number
  readonly lastEventAt: number | null
  readonly retryAt: number | null
}

const MARK_MS = 2000

/** What the pages know of the stream: whether it holds, what changed in the last two seconds, what waits to be shown. */
const createLiveStore = () => {
  const listeners = new Set<() => void>()
  let status: LiveStatus = { connection: 'starting', since: Date.now(), lastEventAt: null, retryAt: null }
  let changed: ReadonlyMap<string, number> = new Map()
  let displaced: ReadonlySet<string> = new Set()
  const tell = () => {
    for (const listener of listeners) listener()
  }
  return {
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    status: () => status,
    changed: () => changed,
    displaced: () => displaced,
    setStatus: (next: Partial<LiveStatus>) => {
      status = { ...status, ...next }
      tell()
    },
    mark: (ids: readonly string[]) => {
      if (ids.length === 0) return
      const stamp = Date.now()
      changed = new Map([...changed, ...ids.map((id) => [id, stamp] as const)])
      setTimeout(() => {
        changed = new Map([...changed].filter(([, at]) => at > stamp))
        tell()
      }, MARK_MS)
      tell()
    },
    displace: (ids: readonly string[]) => {
      if (ids.length === 0) return
      displaced = new Set([...displaced, ...ids])
      tell()
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

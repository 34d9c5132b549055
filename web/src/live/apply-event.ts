import type { FleetEvent } from '@rebootless/shared/contract/event.ts'
import type { HostDetail, HostList, HostSummary } from '@rebootless/shared/contract/host.ts'
import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import { type HostListAsked, queryKeys } from '../api/query-keys.ts'
import { refresh } from './refresh.ts'

/** What a page has to know of an event beside the cache. */
export interface Applied {
  /** Hosts whose rows changed under the reader's eyes. */
  changed: string[]
  /** Hosts whose place in a list, or whose being in it, may be another now. */
  displaced: string[]
  /** A host's state before and after, for the announcement. */
  stateChange: { host: HostSummary; before: HostSummary['state'] } | null
}

const NOTHING: Applied = { changed: [], displaced: [], stateChange: null }

type Rows = InfiniteData<HostList, string | null>

/** Whether a list ordered and filtered like this may hold the host elsewhere now, or no more. */
const isDisplaced = (asked: HostListAsked, before: HostSummary | undefined, after: HostSummary): boolean => {
  if (!before) return true
  if (asked.sort.endsWith('state') && before.state !== after.state) return true
  if (asked.sort.endsWith('kernel') && before.kernelRelease !== after.kernelRelease) return true
  if (asked.sort.endsWith('name') && before.name !== after.name) return true
  if (asked.filter === '') return false
  const matched = (host: HostSummary) => {
    const { state, labels, kernelRelease, patches, providers, name, effectiveKernel, reboot, exposure } = host
    return JSON.stringify([state, labels, kernelRelease, patches, providers, name, effectiveKernel, reboot, exposure])
  }
  return matched(before) !== matched(after)
}

const patchLists = (cache: QueryClient, host: HostSummary): { found: HostSummary | undefined; displaced: boolean } => {
  let found: HostSummary | undefined
  let displaced = false
  for (const [key, rows] of cache.getQueriesData<Rows>({ queryKey: queryKeys.hostLists })) {
    if (!rows || !('pages' in rows)) continue
    const before = rows.pages.flatMap((page) => page.items).find((row) => row.id === host.id)
    if (before && before.revision >= host.revision) continue
    displaced ||= isDisplaced(key[1] as HostListAsked, before, host)
    if (!before) continue
    found = before
    cache.setQueryData<Rows>(key, {
      ...rows,
      pages: rows.pages.map((page) => ({ ...page, items: page.items.map((row) => (row.id === host.id ? host : row)) })),
    })
  }
  return { found, displaced }
}

const patchCells = (cache: QueryClient, host: HostSummary): HostSummary | undefined => {
  const cells = cache.getQueryData<{ hosts: HostSummary[]; total: number }>(queryKeys.fleetCells)
  const before = cells?.hosts.find((row) => row.id === host.id)
  if (!cells || (before && before.revision >= host.revision)) return undefined
  if (before)
    cache.setQueryData(queryKeys.fleetCells, {
      ...cells,
      hosts: cells.hosts.map((row) => (row.id === host.id ? host : row)),
    })
  else refresh(cache, queryKeys.fleetCells)
  return before
}

const patchDetail = (cache: QueryClient, host: HostSummary): HostSummary | undefined => {
  const before = cache.getQueryData<HostDetail>(queryKeys.hostFacts(host.id))
  if (before && before.revision < host.revision)
    cache.setQueryData<HostDetail>(queryKeys.hostFacts(host.id), { ...before, ...host })
  // The row says that something changed, not everything that did; the host's open tabs ask for the rest.
  refresh(cache, queryKeys.host(host.id))
  return before && before.revision < host.revision ? before : undefined
}

/** Patches the cache by one event of the stream. Rows keep their places: what may have moved is only counted. */
export const applyEvent = (cache: QueryClient, event: FleetEvent): Applied => {
  switch (event.type) {
    case 'host.changed': {
      const { host } = event
      const lists = patchLists(cache, host)
      const cell = patchCells(cache, host)
      const detail = patchDetail(cache, host)
      const before = lists.found ?? cell ?? detail
      return {
        changed: before ? [host.id] : [],
        displaced: lists.displaced ? [host.id] : [],
        stateChange: before && before.state !== host.state ? { host, before: before.state } : null,
      }
    }
    case 'host.sampled':
      refresh(cache, queryKeys.hostTransition(event.hostId))
      refresh(cache, queryKeys.hostRedirections(event.hostId))
      return NOTHING
    case 'host.removed':
      refresh(cache, queryKeys.host(event.hostId))
      refresh(cache, queryKeys.fleetCells)
      // A join token names the hosts that came by it.
      refresh(cache, queryKeys.joinTokens)
      return { ...NOTHING, displaced: [event.hostId] }
    case 'command.changed':
      refresh(cache, queryKeys.commands)
      refresh(cache, queryKeys.authorisations)
      refresh(cache, queryKeys.hostActions(event.hostId))
      return NOTHING
    case 'freeze.changed':
      refresh(cache, queryKeys.freeze)
      refresh(cache, queryKeys.commands)
      // What may be done to any host now waits for the end of the freeze, or no more.
      void cache.invalidateQueries({ predicate: ({ queryKey: [of, , part] }) => of === 'hosts' && part === 'actions' })
      return NOTHING
    case 'users.changed':
      refresh(cache, queryKeys.users)
      return NOTHING
    case 'sessions.changed':
      refresh(cache, queryKeys.sessions())
      return NOTHING
    case 'tokens.changed':
      refresh(cache, queryKeys.apiTokens)
      return NOTHING
    case 'enrolment.changed':
      refresh(cache, queryKeys.joinTokens)
      refresh(cache, queryKeys.waitingRoom)
      refresh(cache, queryKeys.authorities)
      return NOTHING
    case 'rollout.changed':
      refresh(cache, queryKeys.rolloutLists)
      refresh(cache, queryKeys.rollout(event.rolloutId))
      return NOTHING
    case 'policies.changed':
      refresh(cache, queryKeys.rolloutPolicies)
      return NOTHING
    case 'templates.changed':
      refresh(cache, queryKeys.rolloutTemplates)
      return NOTHING
    case 'channels.changed':
      refresh(cache, queryKeys.channels)
      return NOTHING
    case 'feeds.changed':
      refresh(cache, queryKeys.cveFeeds)
      return NOTHING
    case 'exposure.changed':
      refresh(cache, queryKeys.compliance)
      return NOTHING
    case 'alerts.changed':
      refresh(cache, queryKeys.alerts)
      return NOTHING
    case 'reset':
      void cache.invalidateQueries()
      return NOTHING
  }
}

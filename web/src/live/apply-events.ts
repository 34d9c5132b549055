import type { FleetEvent } from '@rebootless/shared/contract/event.ts'
import type { HostDetail, HostList, HostSummary } from '@rebootless/shared/contract/host.ts'
import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import { type HostListAsked, queryKeys } from '../api/query-keys.ts'
import { refresh } from './refresh.ts'

/** What a page has to know of events beside the cache. */
export interface Applied {
  /** The hosts that the events speak of, as they are now. */
  hosts: HostSummary[]
  /** Of them those whose rows changed under the reader's eyes. */
  changed: ReadonlySet<string>
  /** Hosts whose place in a list, or whose being in it, may be another now. */
  displaced: ReadonlySet<string>
  /** Hosts that are in another state than before, for the announcement. */
  inAnotherState: HostSummary[]
}

type Hosts = ReadonlyMap<string, HostSummary>
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

/** Those that are newer than what is shown of them, and what was shown. */
const newerThan = (shown: readonly HostSummary[], hosts: Hosts) => {
  const newer = new Map<string, HostSummary>()
  const before = new Map<string, HostSummary>()
  for (const row of shown) {
    const host = hosts.get(row.id)
    if (host === undefined) continue
    before.set(row.id, row)
    if (row.revision < host.revision) newer.set(row.id, host)
  }
  return { newer, before }
}

const withNewer = (rows: HostSummary[], newer: Hosts): HostSummary[] =>
  rows.some(({ id }) => newer.has(id)) ? rows.map((row) => newer.get(row.id) ?? row) : rows

/** What the rows of hosts were before, as far as they are newer now. */
type Before = Map<string, HostSummary>

const patchLists = (cache: QueryClient, hosts: Hosts, found: Before): Set<string> => {
  const displaced = new Set<string>()
  for (const [key, rows] of cache.getQueriesData<Rows>({ queryKey: queryKeys.hostLists })) {
    if (!rows || !('pages' in rows)) continue
    const { newer, before } = newerThan(
      rows.pages.flatMap((page) => page.items),
      hosts,
    )
    for (const [id, host] of hosts) {
      const row = before.get(id)
      if (row && !newer.has(id)) continue
      if (isDisplaced(key[1] as HostListAsked, row, host)) displaced.add(id)
      if (row) found.set(id, row)
    }
    if (newer.size === 0) continue
    const pages = rows.pages.map((page) => ({ ...page, items: withNewer(page.items, newer) }))
    cache.setQueryData<Rows>(key, { ...rows, pages })
  }
  return displaced
}

const patchCells = (cache: QueryClient, hosts: Hosts, found: Before): void => {
  const cells = cache.getQueryData<{ hosts: HostSummary[]; total: number }>(queryKeys.fleetCells)
  if (!cells) return
  const { newer, before } = newerThan(cells.hosts, hosts)
  for (const id of newer.keys()) found.set(id, before.get(id) as HostSummary)
  if (newer.size > 0) cache.setQueryData(queryKeys.fleetCells, { ...cells, hosts: withNewer(cells.hosts, newer) })
  if (before.size < hosts.size) refresh(cache, queryKeys.fleetCells)
}

/** Most events are of hosts whose pages are not open, and cost nothing more than this. */
const openHosts = (cache: QueryClient): ReadonlySet<unknown> =>
  new Set(
    cache
      .getQueryCache()
      .getAll()
      .flatMap(({ queryKey: [of, id] }) => (of === 'hosts' ? [id] : [])),
  )

const patchDetail = (cache: QueryClient, host: HostSummary, found: Before): void => {
  const before = cache.getQueryData<HostDetail>(queryKeys.hostFacts(host.id))
  if (before && before.revision < host.revision) {
    cache.setQueryData<HostDetail>(queryKeys.hostFacts(host.id), { ...before, ...host })
    if (!found.has(host.id)) found.set(host.id, before)
  }
  // The row says that something changed, not everything that did; the host's open tabs ask for the rest.
  refresh(cache, queryKeys.host(host.id))
}

const patchHosts = (cache: QueryClient, hosts: Hosts, open: ReadonlySet<unknown>): Applied => {
  const found: Before = new Map()
  if (hosts.size === 0) return { hosts: [], changed: new Set(), displaced: new Set(), inAnotherState: [] }
  const displaced = patchLists(cache, hosts, found)
  patchCells(cache, hosts, found)
  for (const host of hosts.values()) if (open.has(host.id)) patchDetail(cache, host, found)
  const inAnotherState = [...hosts.values()].filter(({ id, state }) => (found.get(id)?.state ?? state) !== state)
  return { hosts: [...hosts.values()], changed: new Set(found.keys()), displaced, inAnotherState }
}

/** Whose event it is: of several of one kind the last says all that the others would. */
const subjectOf = (event: FleetEvent): string => {
  if (event.type === 'host.changed') return event.host.id
  if ('hostId' in event) return event.hostId
  if ('rolloutId' in event) return event.rolloutId
  return 'userId' in event ? event.userId : ''
}

/**
 * Patches the cache by events of the stream, oldest first, all at once: a thousand hosts may say something in a second. Rows keep
 * their places: what may have moved is only counted.
 */
export const applyEvents = (cache: QueryClient, events: readonly FleetEvent[]): Applied => {
  const newest = new Map(events.map((event) => [`${event.type} ${subjectOf(event)}`, event]))
  const hosts = new Map<string, HostSummary>()
  for (const event of newest.values()) if (event.type === 'host.changed') hosts.set(event.host.id, event.host)
  const open = openHosts(cache)
  const applied = patchHosts(cache, hosts, open)
  const removed: string[] = []
  for (const event of newest.values()) {
    if (event.type === 'host.removed') removed.push(event.hostId)
    if (event.type === 'host.sampled' && !open.has(event.hostId)) continue
    if (event.type !== 'host.changed') askAnew(cache, event)
  }
  return removed.length === 0 ? applied : { ...applied, displaced: new Set([...applied.displaced, ...removed]) }
}

/** Asks for what an event speaks of, as far as it is shown. */
const askAnew = (cache: QueryClient, event: Exclude<FleetEvent, { type: 'host.changed' }>): void => {
  switch (event.type) {
    case 'host.sampled':
      refresh(cache, queryKeys.hostTransition(event.hostId))
      refresh(cache, queryKeys.hostRedirections(event.hostId))
      return
    case 'host.removed':
      refresh(cache, queryKeys.host(event.hostId))
      refresh(cache, queryKeys.fleetCells)
      // A join token names the hosts that came by it.
      refresh(cache, queryKeys.joinTokens)
      return
    case 'command.changed':
      refresh(cache, queryKeys.commands)
      refresh(cache, queryKeys.authorisations)
      refresh(cache, queryKeys.hostActions(event.hostId))
      return
    case 'freeze.changed':
      refresh(cache, queryKeys.freeze)
      refresh(cache, queryKeys.commands)
      // What may be done to any host now waits for the end of the freeze, or no more.
      void cache.invalidateQueries({ predicate: ({ queryKey: [of, , part] }) => of === 'hosts' && part === 'actions' })
      return
    case 'users.changed':
      refresh(cache, queryKeys.users)
      return
    case 'sessions.changed':
      refresh(cache, queryKeys.sessions())
      return
    case 'tokens.changed':
      refresh(cache, queryKeys.apiTokens)
      return
    case 'enrolment.changed':
      refresh(cache, queryKeys.joinTokens)
      refresh(cache, queryKeys.waitingRoom)
      refresh(cache, queryKeys.authorities)
      return
    case 'rollout.changed':
      refresh(cache, queryKeys.rolloutLists)
      refresh(cache, queryKeys.rollout(event.rolloutId))
      return
    case 'policies.changed':
      refresh(cache, queryKeys.rolloutPolicies)
      return
    case 'templates.changed':
      refresh(cache, queryKeys.rolloutTemplates)
      return
    case 'channels.changed':
      refresh(cache, queryKeys.channels)
      return
    case 'feeds.changed':
      refresh(cache, queryKeys.cveFeeds)
      return
    case 'exposure.changed':
      refresh(cache, queryKeys.compliance)
      return
    case 'alerts.changed':
      refresh(cache, queryKeys.alerts)
      return
    case 'reset':
      void cache.invalidateQueries()
      return
  }
}

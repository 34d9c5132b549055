import type { AlertGroup } from '@rebootless/shared/contract/alerts.ts'
import { parseFilter } from '@rebootless/shared/domain/filter.ts'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { sessionQuery } from '../features/access/queries.ts'
import { AlertRows, AlertRowsLoading } from '../features/alerts/alert-rows.tsx'
import { AlertTabs } from '../features/alerts/alert-tabs.tsx'
import type { AlertsAsked } from '../features/alerts/alerts-asked.ts'
import { AlertsBar, type AlertsChange } from '../features/alerts/alerts-bar.tsx'
import { NoAlert } from '../features/alerts/no-alert.tsx'
import { alertListQuery, ruleTitlesQuery } from '../features/alerts/queries.ts'
import { fleetCountsQuery } from '../features/fleet/queries.ts'
import { knownValues } from '../features/hosts/known-values.ts'
import type { KnownValues } from '../shell/filter-words.ts'
import { useKeys } from '../shell/keys.ts'
import { MoreRows } from '../shell/more-rows.tsx'
import { moveRow } from '../shell/move-row.ts'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { plural } from '../ui/duration.ts'

const route = getRouteApi('/signed-in/alerts')
const NO_TITLES: ReadonlyMap<string, string> = new Map()

/** Values for completion: those of the fleet, and names and labels of hosts that have alerts. */
const withHostsOf = (groups: readonly AlertGroup[], known: KnownValues): KnownValues => {
  const values = new Map<string, Set<string>>([...known].map(([key, found]) => [key, new Set(found)]))
  const add = (key: string, value: string) => values.set(key, (values.get(key) ?? new Set()).add(value))
  for (const { hosts, labels } of groups) {
    for (const { name } of hosts) add('name', name)
    for (const [key, value] of Object.entries(labels)) add(`label.${key}`, value)
  }
  return new Map([...values].map(([key, found]) => [key, [...found].sort()]))
}

/** What needs somebody, one row a cause, and what was done about it before. */
export const AlertsPage = () => {
  usePageTitle('Alerts')
  const asked = route.useSearch()
  const navigate = useNavigate({ from: '/alerts' })
  const valid = parseFilter(asked.filter ?? '').ok
  const list = useInfiniteQuery({ ...alertListQuery(asked), enabled: valid })
  const session = useQuery(sessionQuery).data
  const titles = useQuery(ruleTitlesQuery).data ?? NO_TITLES
  const counts = useQuery(fleetCountsQuery).data
  const groups = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data])
  const total = list.data?.pages[0]?.total ?? 0
  const known = useMemo(() => withHostsOf(groups, knownValues(counts, [])), [groups, counts])
  useKeys(useMemo(() => ({ j: () => moveRow(1), k: () => moveRow(-1) }), []))
  const show = (next: AlertsChange) =>
    void navigate({
      search: (before) =>
        Object.fromEntries(
          Object.entries({ ...before, ...next }).filter(([, value]) => value !== undefined && value !== ''),
        ) as AlertsAsked,
      resetScroll: false,
    })
  return (
    <>
      <PageHeader title="Alerts" updatedAt={list.dataUpdatedAt} />
      <AlertTabs session={session} />
      <AlertsBar asked={asked} titles={titles} known={known} onChange={show}>
        <p role="status">{list.isSuccess ? plural(total, 'alert') : ''}</p>
      </AlertsBar>
      {!valid ? null : list.isPending ? (
        <AlertRowsLoading />
      ) : list.isError && groups.length === 0 ? (
        <ProblemNotice what="The alerts" error={list.error} onRetry={() => void list.refetch()} />
      ) : groups.length > 0 ? (
        <>
          <AlertRows groups={groups} />
          <MoreRows list={list} />
        </>
      ) : (
        <NoAlert asked={asked} titles={titles} onChange={show} />
      )}
    </>
  )
}

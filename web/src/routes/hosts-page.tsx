import { parseFilter } from '@rebootless/shared/domain/filter.ts'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { RefreshCw } from 'lucide-react'
import { useCallback, useEffect, useMemo } from 'react'
import { sessionQuery } from '../features/access/queries.ts'
import { AddHost } from '../features/enrolment/add-host.tsx'
import { NoHostYet } from '../features/enrolment/no-host-yet.tsx'
import { fleetCountsQuery } from '../features/fleet/queries.ts'
import { HostTable, HostTableLoading } from '../features/hosts/host-table.tsx'
import { knownValues } from '../features/hosts/known-values.ts'
import { hostListQuery } from '../features/hosts/queries.ts'
import { SortChoice } from '../features/hosts/sort-choice.tsx'
import { StateTabs } from '../features/hosts/state-tabs.tsx'
import { liveStore, useDisplaced } from '../live/live-store.ts'
import { FilterBar } from '../shell/filter-bar.tsx'
import { useKeys } from '../shell/keys.ts'
import { moveRow } from '../shell/move-row.ts'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { type Density, usePreferences } from '../shell/preferences.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { Button, buttonClass } from '../ui/button.tsx'
import { count, plural } from '../ui/duration.ts'
import { NoMatch } from '../ui/no-match.tsx'
import { Segmented } from '../ui/segmented.tsx'
import type { HostSort } from './host-sorts.ts'

const route = getRouteApi('/signed-in/hosts')

export const HostsPage = () => {
  usePageTitle('Hosts')
  const { filter = '', sort = 'state', density } = route.useSearch()
  const preferred = usePreferences().density
  const dense = (density ?? preferred) === 'dense'
  const navigate = useNavigate({ from: '/hosts' })
  const valid = parseFilter(filter).ok
  const list = useInfiniteQuery({ ...hostListQuery({ filter, sort }), enabled: valid })
  const counts = useQuery(fleetCountsQuery).data
  const displaced = useDisplaced()
  const session = useQuery(sessionQuery).data
  const admin = session?.role === 'admin'
  const hosts = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data])
  const total = list.data?.pages[0]?.total ?? 0
  const known = useMemo(() => knownValues(counts, hosts), [counts, hosts])
  const change = (next: { filter?: string; sort?: HostSort; density?: Density }) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: 'density' in next })
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list is fetched anew, so nothing waits in it
  useEffect(() => liveStore.settle(), [filter, sort])
  useKeys(useMemo(() => ({ j: () => moveRow(1), k: () => moveRow(-1) }), []))
  const { fetchNextPage, isFetchingNextPage } = list
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage()
  }, [fetchNextPage, isFetchingNextPage])

  return (
    <>
      <PageHeader
        title="Hosts"
        updatedAt={list.dataUpdatedAt}
        notice={
          displaced.size > 0 && list.isSuccess ? (
            <Button
              className="animate-appear rounded-full"
              onClick={() => {
                liveStore.settle()
                void list.refetch()
              }}
            >
              <RefreshCw size={14} aria-hidden />
              {plural(displaced.size, 'change')}, show
            </Button>
          ) : null
        }
        actions={<AddHost allowed={admin} className="max-desk:hidden" />}
      />
      <StateTabs counts={counts} filter={filter} onFilter={(next) => change({ filter: next })} />
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2 border-b border-line px-6 py-2.5 max-desk:px-4">
        <FilterBar filter={filter} onFilter={(next) => change({ filter: next })} known={known} />
        <div className="flex min-h-8 items-center gap-3 max-desk:w-full max-desk:justify-between">
          <p role="status" className="text-12 whitespace-nowrap text-ink-3">
            {list.isSuccess ? plural(total, 'host') : ''}
            {list.isSuccess && counts && filter !== '' ? ` of ${count(counts.total)}` : ''}
          </p>
          {session && session.role !== 'viewer' && filter !== '' && total > 0 ? (
            <Link to="/rollouts/new" search={{ hosts: filter }} className={buttonClass()}>
              Roll out…
            </Link>
          ) : null}
          <SortChoice sort={sort} onSort={(next) => change({ sort: next })} />
          <span className="max-desk:hidden">
            <Segmented
              label="Rows"
              value={dense ? 'dense' : 'comfortable'}
              onChange={(next) => change({ density: next })}
              segments={[
                { value: 'comfortable', label: 'Comfortable' },
                { value: 'dense', label: 'Dense' },
              ]}
            />
          </span>
        </div>
      </div>
      {!valid ? null : list.isPending ? (
        <HostTableLoading dense={dense} />
      ) : list.isError && hosts.length === 0 ? (
        <ProblemNotice what="The list of hosts" error={list.error} onRetry={() => void list.refetch()} />
      ) : hosts.length === 0 && filter === '' ? (
        <NoHostYet session={session} />
      ) : hosts.length === 0 ? (
        <NoMatch
          title="No host matches"
          filter={filter}
          more="A host that comes to match is shown as a change."
          onClear={() => change({ filter: '' })}
        />
      ) : (
        <HostTable
          hosts={hosts}
          total={total}
          hasMore={list.hasNextPage && !list.isFetchNextPageError}
          onMore={more}
          sort={sort}
          onSort={(by) => change({ sort: sort === by ? `-${by}` : by })}
          dense={dense}
        />
      )}
      {list.isFetchNextPageError ? (
        <ProblemNotice what="More hosts" error={list.error ?? new Error('')} onRetry={() => void fetchNextPage()} />
      ) : null}
    </>
  )
}

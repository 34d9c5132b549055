import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useMemo } from 'react'
import { sessionQuery } from '../features/access/queries.ts'
import { AnswersLine, AnswersPlaceholder } from '../features/fleet/answers-line.tsx'
import { CountList } from '../features/fleet/count-list.tsx'
import { ExposureLine } from '../features/fleet/exposure-line.tsx'
import { FleetMap } from '../features/fleet/fleet-map.tsx'
import { NeedsSomeone } from '../features/fleet/needs-someone.tsx'
import { fleetSummaryQuery } from '../features/fleet/queries.ts'
import { ShareBar } from '../features/fleet/share-bar.tsx'
import { UnderWay } from '../features/fleet/under-way.tsx'
import { RolloutsUnderWay } from '../features/rollouts/list/under-way.tsx'
import { useKeys } from '../shell/keys.ts'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { count } from '../ui/duration.ts'
import { Placeholder } from '../ui/notice.tsx'

const NoHostYet = lazy(() =>
  import('../features/enrolment/no-host-yet.tsx').then((module) => ({ default: module.NoHostYet })),
)

const route = getRouteApi('/signed-in/')

export const FleetPage = () => {
  usePageTitle('Fleet')
  const summary = useQuery(fleetSummaryQuery)
  const session = useQuery(sessionQuery).data
  const { view = 'map', group = 'kernel' } = route.useSearch()
  const navigate = useNavigate({ from: '/' })
  const setView = (next: 'map' | 'table') =>
    void navigate({ search: (before) => ({ ...before, view: next }), replace: true, resetScroll: false })
  // biome-ignore lint/correctness/useExhaustiveDependencies: what it calls only reads the view
  useKeys(useMemo(() => ({ m: () => setView(view === 'map' ? 'table' : 'map') }), [view]))
  return (
    <>
      <PageHeader title="Fleet" updatedAt={summary.dataUpdatedAt} />
      {summary.isPending ? (
        <FleetLoading />
      ) : summary.isError ? (
        <ProblemNotice what="The fleet" error={summary.error} onRetry={() => void summary.refetch()} />
      ) : summary.data.total === 0 ? (
        <Suspense fallback={<FleetLoading />}>
          <NoHostYet session={session} />
        </Suspense>
      ) : (
        <>
          <AnswersLine summary={summary.data} />
          <ShareBar summary={summary.data} />
          <ExposureLine exposure={summary.data.exposure} />
          <div className="grid wide:grid-cols-[minmax(0,1fr)_316px] desk:max-wide:grid-cols-[minmax(0,1fr)_280px]">
            <div className="order-2 min-w-0 desk:order-1">
              <FleetMap
                expected={{ hosts: summary.data.total, kernels: summary.data.byKernel.length }}
                view={view}
                group={group}
                onView={setView}
                onGroup={(next) =>
                  void navigate({ search: (before) => ({ ...before, group: next }), replace: true, resetScroll: false })
                }
              />
              <RolloutsUnderWay />
              <UnderWay summary={summary.data} />
              <CountList
                id="providers"
                title="Hosts by provider"
                note={summary.data.byProvider.length === 0 ? 'none was found' : 'a host may have several'}
                filterKey="provider"
                rows={summary.data.byProvider.map((row) => ({ value: row.provider, count: row.count }))}
                total={summary.data.total}
              />
              <CountList
                id="kernels"
                title="Hosts by kernel"
                note={
                  summary.data.byKernel.length === 1
                    ? 'all alike'
                    : `${count(summary.data.byKernel.length)} releases run`
                }
                filterKey="kernel"
                rows={summary.data.byKernel.map((row) => ({ value: row.kernelRelease, count: row.count }))}
                total={summary.data.total}
              />
            </div>
            <div className="order-1 min-w-0 border-line max-desk:border-b desk:order-2 desk:border-l">
              <NeedsSomeone causes={summary.data.needsSomeone} />
            </div>
          </div>
        </>
      )}
    </>
  )
}

const FleetLoading = () => (
  <div aria-busy="true">
    <p role="status" className="sr-only">
      The fleet is loading.
    </p>
    <AnswersPlaceholder />
    <div className="h-1 animate-shimmer bg-line" />
    <div className="grid desk:grid-cols-[minmax(0,1fr)_316px]">
      <div className="grid gap-4 px-6 py-5 max-desk:px-4">
        <Placeholder className="w-32" />
        <div aria-hidden className="h-44 animate-shimmer rounded-mark bg-sunken" />
        <Placeholder className="mt-6 w-48" />
        <div aria-hidden className="h-32 animate-shimmer rounded-mark bg-sunken" />
      </div>
      <div className="grid content-start gap-5 border-l border-line px-5 py-5 max-desk:hidden">
        {['w-36', 'w-56', 'w-48', 'w-60', 'w-40'].map((width) => (
          <Placeholder key={width} className={width} />
        ))}
      </div>
    </div>
  </div>
)

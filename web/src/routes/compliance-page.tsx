import { parseComplianceFilter } from '@rebootless/shared/domain/compliance/host-filter.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { sessionQuery } from '../features/access/queries.ts'
import { AsideFacts } from '../features/compliance/aside-facts.tsx'
import { BreakdownKeys, LabelBreakdown, SeverityBreakdown } from '../features/compliance/breakdown.tsx'
import { ComplianceTabs } from '../features/compliance/compliance-tabs.tsx'
import { openCvesQuery } from '../features/compliance/cve/queries.ts'
import { PastBand } from '../features/compliance/day-picker.tsx'
import { EndingSoonPart } from '../features/compliance/ending-soon-part.tsx'
import { ForecastPart } from '../features/compliance/forecast-part.tsx'
import { GainsPart } from '../features/compliance/gains/gains-part.tsx'
import { gainsAsked } from '../features/compliance/gains/gains-query.ts'
import { HostsDrawer } from '../features/compliance/hosts-drawer.tsx'
import { NothingJudged } from '../features/compliance/nothing-judged.tsx'
import { numberOfAddress } from '../features/compliance/number-words.ts'
import { OpenCves } from '../features/compliance/open-cves-part.tsx'
import { PagePart } from '../features/compliance/page-part.tsx'
import { summaryQuery } from '../features/compliance/queries.ts'
import { type Scope, scopeInAddress } from '../features/compliance/scope.ts'
import { ScopeBar } from '../features/compliance/scope-bar.tsx'
import { ScopeFooter } from '../features/compliance/scope-footer.tsx'
import { SummaryHead, SummaryLoading } from '../features/compliance/summary-head.tsx'
import { TrendPart } from '../features/compliance/trend-part.tsx'
import { useKeys } from '../shell/keys.ts'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { count } from '../ui/duration.ts'
import type { ComplianceSearch } from './compliance-search.ts'

const route = getRouteApi('/signed-in/compliance')

/** One sentence that a manager can trust, and behind each of its numbers the hosts and the evidence. */
export const CompliancePage = () => {
  usePageTitle('Compliance')
  const { at, filter = '', days = '90', view = 'picture', window, boot, open } = route.useSearch()
  const navigate = useNavigate({ from: '/compliance' })
  const session = useQuery(sessionQuery).data
  const scope: Scope = useMemo(() => ({ at, filter }), [at, filter])
  const valid = parseComplianceFilter(filter).ok
  const summary = useQuery({ ...summaryQuery(scope), enabled: valid })
  const cves = useQuery({ ...openCvesQuery(scope), enabled: valid })
  const change = (next: { [Key in keyof ComplianceSearch]?: ComplianceSearch[Key] | undefined }) =>
    void navigate({
      search: (before) =>
        Object.fromEntries(
          Object.entries({ ...before, ...next }).filter(([, value]) => value !== undefined && value !== ''),
        ) as ComplianceSearch,
      replace: ['view', 'open', 'window', 'boot'].some((key) => key in next),
      resetScroll: false,
    })
  // biome-ignore lint/correctness/useExhaustiveDependencies: what it calls only reads the view
  useKeys(useMemo(() => ({ m: () => change({ view: view === 'picture' ? 'table' : 'picture' }) }), [view]))
  const asked = numberOfAddress(open)
  const data = summary.data
  return (
    <>
      <PageHeader title="Compliance" updatedAt={at === undefined ? summary.dataUpdatedAt : null} />
      <ComplianceTabs tab="/compliance" at={at} filter={filter} />
      <ScopeBar scope={scope} onScope={change} exports />
      {at === undefined ? null : <PastBand at={at} onNow={() => change({ at: undefined })} />}
      {!valid ? null : summary.isPending ? (
        <SummaryLoading />
      ) : data === undefined ? (
        <ProblemNotice
          what="Compliance"
          error={summary.error ?? new Error('')}
          onRetry={() => void summary.refetch()}
        />
      ) : data.counts.judged === 0 ? (
        <NothingJudged summary={data} scope={scope} onClear={() => change({ filter: undefined, at: undefined })} />
      ) : (
        <>
          <SummaryHead summary={data} />
          <div className="grid border-y border-line desk:grid-cols-[minmax(0,1fr)_312px]">
            <TrendPart
              filter={filter}
              scoped={session?.scope != null}
              days={days}
              view={view}
              shownDay={at?.slice(0, 10)}
              onDays={(next) => change({ days: next })}
              onView={(next) => change({ view: next })}
              onDay={(day) => change({ at: day })}
            />
            <dl className="grid border-line max-desk:border-t desk:border-l">
              <AsideFacts summary={data} scope={scope} />
            </dl>
          </div>
          <div className="grid divide-line border-b border-line max-desk:divide-y desk:divide-x wide:grid-cols-3 desk:max-wide:grid-cols-2 desk:max-wide:[&>:last-child]:col-span-2 desk:max-wide:[&>:last-child]:border-t desk:max-wide:[&>:last-child]:border-line">
            <PagePart title="By severity">
              <SeverityBreakdown rows={data.bySeverity} />
            </PagePart>
            <PagePart title="By owner">
              <LabelBreakdown label="owner" rows={data.byOwner} />
            </PagePart>
            <PagePart title="By datacentre">
              <LabelBreakdown label="datacentre" rows={data.byDatacentre} />
              <BreakdownKeys />
            </PagePart>
          </div>
          <PagePart
            title="Open CVEs"
            note={cves.data === undefined ? '' : `${count(cves.data.total)}, known exploited first`}
            actions={
              <Link
                to="/compliance/cves"
                search={{ ...scopeInAddress(scope), status: 'exposed' }}
                className="quiet-link text-12"
              >
                All open CVEs
              </Link>
            }
            className="border-b border-line"
          >
            {cves.isError ? (
              <ProblemNotice what="The CVEs" error={cves.error} onRetry={() => void cves.refetch()} />
            ) : cves.data === undefined ? (
              <div aria-busy="true" className="h-40 animate-shimmer rounded-mark bg-sunken" />
            ) : cves.data.items.length === 0 ? (
              <p className="py-2">No CVE is open on any host that was judged.</p>
            ) : (
              <OpenCves cves={cves.data.items} scope={scope} />
            )}
          </PagePart>
          <GainsPart scope={scope} days={Number(days)} asked={gainsAsked(window, boot)} onAsked={change} />
          <div className="grid divide-line border-b border-line max-desk:divide-y desk:grid-cols-2 desk:divide-x">
            <ForecastPart forecast={data.forecast} />
            <EndingSoonPart isPast={at !== undefined} />
          </div>
          <ScopeFooter summary={data} scope={scope} />
        </>
      )}
      {asked === undefined ? null : (
        <HostsDrawer key={open} scope={scope} asked={asked} onClose={() => change({ open: undefined })} />
      )}
    </>
  )
}

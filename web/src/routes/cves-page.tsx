import { parseComplianceFilter } from '@rebootless/shared/domain/compliance/host-filter.ts'
import { EXPOSURE_STATE_WORDS, SEVERITY_WORDS } from '@rebootless/shared/domain/exposure/exposure-state-words.ts'
import { EXPOSURES, SEVERITIES } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'
import { ComplianceTabs } from '../features/compliance/compliance-tabs.tsx'
import { CveTable, CveTableLoading } from '../features/compliance/cve/cve-table.tsx'
import { cvesQuery } from '../features/compliance/cve/queries.ts'
import { PastBand } from '../features/compliance/day-picker.tsx'
import type { Scope } from '../features/compliance/scope.ts'
import { ScopeBar } from '../features/compliance/scope-bar.tsx'
import { SearchField } from '../features/compliance/search-field.tsx'
import { useKeys } from '../shell/keys.ts'
import { moveRow } from '../shell/move-row.ts'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { Button } from '../ui/button.tsx'
import { plural } from '../ui/duration.ts'
import { Notice } from '../ui/notice.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'
import { CVE_SORT_WORDS, type CveListSearch } from './compliance-search.ts'

const route = getRouteApi('/signed-in/compliance/cves')
const SELECT = 'h-8 rounded-control border border-line-3 bg-sheet px-2 font-medium text-ink touch:h-11'
const SORTS: Readonly<Record<(typeof CVE_SORT_WORDS)[number], string>> = {
  severity: 'exploited, then score',
  exposed: 'hosts exposed',
  published: 'newest',
  epss: 'EPSS',
  id: 'number',
}

/** Every CVE that feeds tell of, with what it is to how many hosts. */
export const CvesPage = () => {
  usePageTitle('CVEs')
  const { at, filter = '', find = '', severity, status, exploited, sort = 'severity' } = route.useSearch()
  const navigate = useNavigate({ from: '/compliance/cves' })
  const scope: Scope = { at, filter }
  const valid = parseComplianceFilter(filter).ok
  const list = useInfiniteQuery({
    ...cvesQuery(scope, {
      ...{ search: find, sort },
      ...(severity === undefined ? {} : { severity }),
      ...(status === undefined ? {} : { status }),
      ...(exploited === undefined ? {} : { knownExploited: 'true' }),
    }),
    enabled: valid,
  })
  const cves = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data])
  const first = list.data?.pages[0]
  const change = (next: { [Key in keyof CveListSearch]?: CveListSearch[Key] | undefined }) =>
    void navigate({
      search: (before) =>
        Object.fromEntries(
          Object.entries({ ...before, ...next }).filter(([, value]) => value !== undefined && value !== ''),
        ) as CveListSearch,
      replace: 'find' in next,
      resetScroll: false,
    })
  const all = () => change({ find: '', severity: undefined, status: undefined, exploited: undefined, filter: '' })
  useKeys(useMemo(() => ({ j: () => moveRow(1), k: () => moveRow(-1) }), []))
  const { fetchNextPage, isFetchingNextPage } = list
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage()
  }, [fetchNextPage, isFetchingNextPage])
  const narrowed = find !== '' || severity !== undefined || status !== undefined || exploited !== undefined
  return (
    <>
      <PageHeader title="Compliance" updatedAt={at === undefined ? list.dataUpdatedAt : null} />
      <ComplianceTabs tab="/compliance/cves" at={at} filter={filter} />
      <ScopeBar scope={scope} onScope={change} />
      {at === undefined ? null : <PastBand at={at} onNow={() => change({ at: undefined })} />}
      <div className="flex min-h-13 flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-6 py-2 text-12 text-ink-3 max-desk:px-4">
        <SearchField label="Find a CVE by id or title" value={find} onSearch={(text) => change({ find: text })} />
        <label className="flex items-center gap-2">
          Severity
          <select
            value={severity ?? ''}
            onChange={({ target: { value } }) => change({ severity: SEVERITIES.find((one) => one === value) })}
            className={SELECT}
          >
            <option value="">all</option>
            {SEVERITIES.map((one) => (
              <option key={one} value={one}>
                {SEVERITY_WORDS[one].word}
              </option>
            ))}
          </select>
        </label>
        <label className="flex items-center gap-2">
          On some host
          <select
            value={status ?? ''}
            onChange={({ target: { value } }) => change({ status: EXPOSURES.find((one) => one === value) })}
            className={SELECT}
          >
            <option value="">anything</option>
            {EXPOSURES.map((one) => (
              <option key={one} value={one}>
                {EXPOSURE_STATE_WORDS[one].word.toLowerCase()}
              </option>
            ))}
          </select>
        </label>
        <label className="flex items-center gap-2 touch:min-h-11">
          <input
            type="checkbox"
            checked={exploited === 'yes'}
            onChange={({ target: { checked } }) => change({ exploited: checked ? 'yes' : undefined })}
            className="size-3.5 accent-ink"
          />
          <span className="text-ink-2">known to be exploited</span>
        </label>
        <label className="flex items-center gap-2">
          Order
          <select
            value={sort}
            onChange={({ target: { value } }) => change({ sort: CVE_SORT_WORDS.find((one) => one === value) })}
            className={SELECT}
          >
            {CVE_SORT_WORDS.map((one) => (
              <option key={one} value={one}>
                {SORTS[one]}
              </option>
            ))}
          </select>
        </label>
        <p role="status" className="ml-auto">
          {first === undefined ? '' : plural(first.total, 'CVE')}
          {first === undefined || first.hostsWaiting === 0
            ? ''
            : `; ${plural(first.hostsWaiting, 'host')} not judged yet`}
          {first?.judging ? '; being judged anew' : ''}
        </p>
      </div>
      {!valid ? null : list.isPending ? (
        <CveTableLoading />
      ) : list.isError && cves.length === 0 ? (
        <ProblemNotice what="The CVEs" error={list.error} onRetry={() => void list.refetch()} />
      ) : cves.length === 0 ? (
        <Notice
          mark={<StateGlyph state="unknown" size={20} />}
          title={narrowed ? 'No CVE matches' : 'No CVE is known yet'}
          actions={
            narrowed ? (
              <Button size="large" kind="primary" onClick={all}>
                Show all
              </Button>
            ) : null
          }
        >
          <p>
            {narrowed
              ? 'None that feeds tell of is so on these hosts.'
              : 'CVEs come from feeds: Settings, CVE feeds says which are read, and how it went.'}
          </p>
        </Notice>
      ) : (
        <CveTable
          cves={cves}
          total={first?.total ?? 0}
          hasMore={list.hasNextPage && !list.isFetchNextPageError}
          onMore={more}
          scope={scope}
        />
      )}
      {list.isFetchNextPageError ? (
        <ProblemNotice what="More CVEs" error={list.error ?? new Error('')} onRetry={() => void fetchNextPage()} />
      ) : null}
    </>
  )
}

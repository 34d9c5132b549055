import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Download, RefreshCw } from 'lucide-react'
import { useCallback, useMemo } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { parseAuditFilter } from '../features/audit/audit-filter.ts'
import { AuditFilterBar } from '../features/audit/audit-filter-bar.tsx'
import { AuditTable, AuditTableLoading } from '../features/audit/audit-table.tsx'
import { EntryDrawer } from '../features/audit/entry-drawer.tsx'
import { auditListQuery, newestEntryQuery } from '../features/audit/queries.ts'
import { useVerification } from '../features/audit/use-verification.ts'
import { VerifyButton, VerifyPanel } from '../features/audit/verify-panel.tsx'
import { useKeys } from '../shell/keys.ts'
import { moveRow } from '../shell/move-row.ts'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { Button, buttonClass } from '../ui/button.tsx'
import { HostText } from '../ui/host-text.tsx'
import { NoMatch } from '../ui/no-match.tsx'
import { Notice } from '../ui/notice.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'

const route = getRouteApi('/signed-in/audit')

export const AuditPage = () => {
  usePageTitle('Audit')
  const { filter = '', entry } = route.useSearch()
  const navigate = useNavigate({ from: '/audit' })
  const parsed = useMemo(() => parseAuditFilter(filter), [filter])
  const asked = parsed.ok ? parsed.asked : {}
  const list = useInfiniteQuery({ ...auditListQuery(asked), enabled: parsed.ok })
  const newest = useQuery({ ...newestEntryQuery(asked), enabled: list.isSuccess }).data ?? 0
  const { verification, verify } = useVerification()
  const records = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data])
  const change = (next: { filter?: string | undefined; entry?: string | undefined }) =>
    void navigate({
      search: (before) => {
        const { filter: words, entry: open } = { ...before, ...next }
        return { ...(words ? { filter: words } : {}), ...(open ? { entry: open } : {}) }
      },
      replace: 'entry' in next,
      resetScroll: false,
    })
  useKeys(useMemo(() => ({ j: () => moveRow(1), k: () => moveRow(-1) }), []))
  const { fetchNextPage, isFetchingNextPage } = list
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage()
  }, [fetchNextPage, isFetchingNextPage])
  const denied = list.error instanceof ApiProblem && list.error.status === 403 ? list.error : null

  if (denied) {
    return (
      <>
        <PageHeader title="Audit" updatedAt={null} />
        <Notice mark={<StateGlyph state="unsupported" size={20} />} title="The log is not for every role">
          <p>
            Approvers and admins of the whole fleet read it. <HostText value={denied.detail} max={300} />
          </p>
        </Notice>
      </>
    )
  }
  return (
    <>
      <PageHeader
        title="Audit"
        updatedAt={list.dataUpdatedAt}
        notice={
          list.isSuccess && newest > (records[0]?.sequence ?? 0) ? (
            <Button className="animate-appear rounded-full" onClick={() => void list.refetch()}>
              <RefreshCw size={14} aria-hidden />
              New entries, show
            </Button>
          ) : null
        }
      />
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2 border-b border-line px-6 py-2.5 max-desk:px-4">
        <AuditFilterBar filter={filter} onFilter={(next) => change({ filter: next })} />
        <div className="flex flex-wrap items-center gap-2">
          <VerifyButton running={verification.kind === 'running'} onVerify={verify} />
          <a
            href="/api/v1/audit/export"
            download
            className={buttonClass()}
            title="Every entry with its hash, and the signed heads"
          >
            <Download size={14} aria-hidden />
            Export to verify
          </a>
          <a href="/api/v1/audit/export.csv" download className={buttonClass()}>
            <Download size={14} aria-hidden />
            CSV
          </a>
        </div>
      </div>
      <VerifyPanel verification={verification} onAgain={verify} />
      {!parsed.ok ? null : list.isPending ? (
        <AuditTableLoading />
      ) : list.isError && records.length === 0 ? (
        <ProblemNotice what="The audit log" error={list.error} onRetry={() => void list.refetch()} />
      ) : records.length === 0 && filter === '' ? (
        <Notice mark={<StateGlyph state="unsupported" size={20} />} title="Nothing was done yet">
          <p>Each sign-in, each change and each refusal is written here, and stays.</p>
        </Notice>
      ) : records.length === 0 ? (
        <NoMatch title="No entry matches" filter={filter} onClear={() => change({ filter: '' })} />
      ) : (
        <AuditTable records={records} hasMore={list.hasNextPage && !list.isFetchNextPageError} onMore={more} />
      )}
      {list.isFetchNextPageError ? (
        <ProblemNotice what="More entries" error={list.error ?? new Error('')} onRetry={() => void fetchNextPage()} />
      ) : null}
      {entry === undefined ? null : (
        <EntryDrawer key={entry} sequence={Number(entry)} onClose={() => change({ entry: undefined })} />
      )}
    </>
  )
}

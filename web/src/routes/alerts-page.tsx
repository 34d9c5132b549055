import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { sessionQuery } from '../features/access/queries.ts'
import { AlertRows, AlertRowsLoading } from '../features/alerts/alert-rows.tsx'
import { AlertTabs } from '../features/alerts/alert-tabs.tsx'
import { alertListQuery } from '../features/alerts/queries.ts'
import { useKeys } from '../shell/keys.ts'
import { MoreRows } from '../shell/more-rows.tsx'
import { moveRow } from '../shell/move-row.ts'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { plural } from '../ui/duration.ts'
import { Notice } from '../ui/notice.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'
import type { AlertsSearch } from './alerts.ts'

const route = getRouteApi('/signed-in/alerts')
const STATES = [
  { value: 'open', label: 'Open' },
  { value: 'acknowledged', label: 'Acknowledged' },
  { value: 'silenced', label: 'Silenced' },
  { value: 'resolved', label: 'Over' },
] as const
const SEVERITIES = [
  { value: 'all', label: 'All' },
  { value: 'page', label: 'Page' },
  { value: 'ticket', label: 'Ticket' },
  { value: 'info', label: 'Info' },
] as const

/** What needs somebody, one row a cause, and what was done about it before. */
export const AlertsPage = () => {
  usePageTitle('Alerts')
  const { status, severity, filter = '' } = route.useSearch()
  const navigate = useNavigate({ from: '/alerts' })
  const list = useInfiniteQuery(
    alertListQuery({ status: status ?? 'open', filter, ...(severity === undefined ? {} : { severity }) }),
  )
  const session = useQuery(sessionQuery).data
  useKeys(useMemo(() => ({ j: () => moveRow(1), k: () => moveRow(-1) }), []))
  const groups = list.data?.pages.flatMap((page) => page.items) ?? []
  const total = list.data?.pages[0]?.total ?? 0
  const show = (next: { [Key in keyof AlertsSearch]?: AlertsSearch[Key] | undefined }) =>
    void navigate({
      search: (before) =>
        Object.fromEntries(
          Object.entries({ ...before, ...next }).filter(([, value]) => value !== undefined),
        ) as AlertsSearch,
      resetScroll: false,
    })
  return (
    <>
      <PageHeader title="Alerts" updatedAt={list.dataUpdatedAt} />
      <AlertTabs session={session} />
      <div className="flex min-h-13 flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-6 py-2 max-desk:px-4">
        <Segmented
          label="State"
          value={status ?? 'open'}
          segments={STATES}
          onChange={(next) => show({ status: next === 'open' ? undefined : next })}
        />
        <Segmented
          label="Urgency"
          value={severity ?? 'all'}
          segments={SEVERITIES}
          onChange={(next) => show({ severity: next === 'all' ? undefined : next })}
        />
        <p role="status" className="text-12 text-ink-3">
          {list.isSuccess ? plural(total, 'alert') : ''}
        </p>
      </div>
      {list.isPending ? (
        <AlertRowsLoading />
      ) : list.isError && groups.length === 0 ? (
        <ProblemNotice what="The alerts" error={list.error} onRetry={() => void list.refetch()} />
      ) : groups.length > 0 ? (
        <>
          <AlertRows groups={groups} />
          <MoreRows list={list} />
        </>
      ) : (
        <Notice
          mark={<StateGlyph state="patched" size={20} />}
          title={status === undefined && severity === undefined ? 'Nothing needs anybody' : 'No such alert'}
        >
          <p>
            {status === undefined && severity === undefined
              ? 'An alert comes by itself when a transition stalls, a patch is forced or fails, a kernel has an oops, a date of the SLA passes, or Rebootless itself is in trouble; hosts with one cause are one alert.'
              : 'None is in this state and of this urgency.'}
          </p>
        </Notice>
      )}
    </>
  )
}

import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useMemo } from 'react'
import { sessionQuery } from '../features/access/queries.ts'
import { ComplianceTabs } from '../features/compliance/compliance-tabs.tsx'
import { ExceptionDialog } from '../features/compliance/exception-dialog.tsx'
import { ExceptionDrawer } from '../features/compliance/exception-drawer.tsx'
import { ExceptionRows, ExceptionRowsLoading } from '../features/compliance/exception-list.tsx'
import { exceptionsQuery } from '../features/compliance/queries.ts'
import { useKeys } from '../shell/keys.ts'
import { moveRow } from '../shell/move-row.ts'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { Button } from '../ui/button.tsx'
import { plural } from '../ui/duration.ts'
import { Notice } from '../ui/notice.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'
import type { ExceptionsSearch } from './compliance-search.ts'

const route = getRouteApi('/signed-in/compliance/exceptions')
const STATES = [
  { value: 'open', label: 'Open' },
  { value: 'ended', label: 'Ended' },
  { value: 'expired', label: 'Ran out' },
  { value: 'declined', label: 'Declined' },
] as const

/** What is accepted until when, by whom, and what waits for an approver. */
export const ExceptionsPage = () => {
  usePageTitle('Exceptions')
  const { state = 'open', exception: open, cve = '', hosts = '' } = route.useSearch()
  const navigate = useNavigate({ from: '/compliance/exceptions' })
  const list = useQuery(exceptionsQuery(state))
  const session = useQuery(sessionQuery).data
  const items = list.data?.items ?? []
  const show = (next: ExceptionsSearch) => void navigate({ search: next, resetScroll: false })
  const kept: ExceptionsSearch = state === 'open' ? {} : { state }
  const mayAsk = session !== undefined && session.role !== 'viewer' && session.scope === null
  const opened = items.find(({ id }) => id === open)
  useKeys(useMemo(() => ({ j: () => moveRow(1), k: () => moveRow(-1) }), []))
  const ask = mayAsk ? (
    <Button kind="primary" onClick={() => show({ ...kept, exception: 'new' })}>
      <Plus size={14} aria-hidden />
      Ask for one
    </Button>
  ) : null
  return (
    <>
      <PageHeader title="Compliance" updatedAt={list.dataUpdatedAt} actions={ask} />
      <ComplianceTabs tab="/compliance/exceptions" />
      <div className="flex min-h-13 flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-6 py-2 max-desk:px-4">
        <Segmented
          label="State"
          value={state}
          segments={STATES}
          onChange={(next) => show(next === 'open' ? {} : { state: next })}
        />
        <p role="status" className="text-12 text-ink-3">
          {list.isSuccess ? plural(items.length, 'exception') : ''}
        </p>
        {mayAsk ? null : (
          <p className="ml-auto text-12 text-ink-3">Operators and approvers of the whole fleet ask for exceptions.</p>
        )}
      </div>
      {list.isPending ? (
        <ExceptionRowsLoading />
      ) : list.isError && items.length === 0 ? (
        <ProblemNotice what="The exceptions" error={list.error} onRetry={() => void list.refetch()} />
      ) : items.length > 0 ? (
        <ExceptionRows exceptions={items} />
      ) : (
        <Notice
          mark={<StateGlyph state="unsupported" size={20} />}
          title={state === 'open' ? 'No exception is open' : 'None'}
          actions={state === 'open' ? ask : null}
        >
          <p>
            {state === 'open'
              ? 'An exception accepts a CVE on some hosts until a date: somebody answers for it, and another person approves it. What it names is then shown as accepted, apart from what is open.'
              : 'No exception has come to this end.'}
          </p>
        </Notice>
      )}
      {open === 'new' && mayAsk ? <ExceptionDialog cve={cve} hosts={hosts} onClose={() => show(kept)} /> : null}
      {opened === undefined ? null : (
        <ExceptionDrawer key={opened.id} exception={opened} session={session} onClose={() => show(kept)} />
      )}
    </>
  )
}

import { ALERT_RESPONDERS, isAmong } from '@rebootless/shared/domain/audiences.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { BellOff } from 'lucide-react'
import { useState } from 'react'
import { sessionQuery } from '../features/access/queries.ts'
import { AlertRowsLoading } from '../features/alerts/alert-rows.tsx'
import { AlertTabs } from '../features/alerts/alert-tabs.tsx'
import { alertRulesQuery, silencesQuery } from '../features/alerts/queries.ts'
import { SilenceDialog } from '../features/alerts/silence-dialog.tsx'
import { SilenceRows } from '../features/alerts/silence-rows.tsx'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { Button } from '../ui/button.tsx'
import { plural } from '../ui/duration.ts'
import { Notice } from '../ui/notice.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'

const route = getRouteApi('/signed-in/alerts/silences')

/** What is kept quiet, until when and why. */
export const SilencesPage = () => {
  usePageTitle('Silences')
  const { ended } = route.useSearch()
  const navigate = useNavigate({ from: '/alerts/silences' })
  const session = useQuery(sessionQuery).data
  const may = isAmong(session, ALERT_RESPONDERS)
  const list = useQuery({ ...silencesQuery(ended === 'yes'), enabled: may })
  const rules = useQuery(alertRulesQuery).data?.items ?? []
  const [making, setMaking] = useState(false)
  const items = list.data?.items ?? []
  const make = may ? (
    <Button kind="primary" onClick={() => setMaking(true)}>
      <BellOff size={14} aria-hidden />
      Silence…
    </Button>
  ) : null
  return (
    <>
      <PageHeader title="Alerts" updatedAt={list.dataUpdatedAt} actions={make} />
      <AlertTabs session={session} />
      <div className="flex min-h-13 flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-6 py-2 max-desk:px-4">
        <Segmented
          label="Which"
          value={ended === 'yes' ? 'ended' : 'active'}
          segments={[
            { value: 'active', label: 'Active' },
            { value: 'ended', label: 'Ended' },
          ]}
          onChange={(next) => void navigate({ search: next === 'ended' ? { ended: 'yes' } : {} })}
        />
        <p role="status" className="text-12 text-ink-3">
          {list.isSuccess ? plural(items.length, 'silence') : ''}
        </p>
      </div>
      {session !== undefined && !may ? (
        <Notice
          mark={<StateGlyph state="unsupported" size={20} />}
          title="For those who answer alerts of the whole fleet"
        >
          <p>Operators, approvers and admins of the whole fleet see and make silences.</p>
        </Notice>
      ) : list.isPending ? (
        <AlertRowsLoading />
      ) : list.isError && items.length === 0 ? (
        <ProblemNotice what="The silences" error={list.error} onRetry={() => void list.refetch()} />
      ) : items.length > 0 ? (
        <SilenceRows silences={items} titles={new Map(rules.map(({ id, title }) => [id, title]))} />
      ) : (
        <Notice
          mark={<StateGlyph state="patched" size={20} />}
          title={ended === 'yes' ? 'None has ended' : 'Nothing is silenced'}
          actions={ended === 'yes' ? null : make}
        >
          <p>A silence keeps a rule, a cause or the hosts of a filter quiet until it ends, thirty days at most.</p>
        </Notice>
      )}
      {making ? <SilenceDialog rules={rules} onClose={() => setMaking(false)} /> : null}
    </>
  )
}

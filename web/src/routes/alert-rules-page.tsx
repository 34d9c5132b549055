import { FLEET_ADMINS, isAmong } from '@rebootless/shared/domain/audiences.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { sessionQuery } from '../features/access/queries.ts'
import { AlertRowsLoading } from '../features/alerts/alert-rows.tsx'
import { AlertTabs } from '../features/alerts/alert-tabs.tsx'
import { alertRulesQuery } from '../features/alerts/queries.ts'
import { RuleDialog } from '../features/alerts/rule-dialog.tsx'
import { RuleRows } from '../features/alerts/rule-rows.tsx'
import { KIND_WORDS } from '../features/channels/channel-words.ts'
import { channelsQuery } from '../features/channels/queries.ts'
import { useKeys } from '../shell/keys.ts'
import { moveRow } from '../shell/move-row.ts'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'

const route = getRouteApi('/signed-in/alerts/rules')

/** What makes an alert, and what to do about each. */
export const AlertRulesPage = () => {
  usePageTitle('Alert rules')
  const { rule } = route.useSearch()
  const navigate = useNavigate({ from: '/alerts/rules' })
  const session = useQuery(sessionQuery).data
  const rules = useQuery(alertRulesQuery)
  useKeys(useMemo(() => ({ j: () => moveRow(1), k: () => moveRow(-1) }), []))
  const mayChange = isAmong(session, FLEET_ADMINS)
  const channels = useQuery({ ...channelsQuery, enabled: mayChange && rule !== undefined })
  const opened = rules.data?.items.find(({ id }) => id === rule)
  // While the list of channels cannot be had, those that the rule names can be taken off at least.
  const choices =
    channels.data?.items.map(({ id, name, kind, enabled }) => ({
      ...{ id, name, about: `${KIND_WORDS[kind]}${enabled ? '' : ', off: it is sent nothing'}` },
    })) ?? opened?.named.map((channel) => ({ ...channel, about: '' }))
  return (
    <>
      <PageHeader title="Alerts" updatedAt={rules.dataUpdatedAt} />
      <AlertTabs session={session} />
      {rules.isPending ? (
        <AlertRowsLoading />
      ) : rules.data === undefined ? (
        <ProblemNotice what="The rules" error={rules.error} onRetry={() => void rules.refetch()} />
      ) : (
        <RuleRows rules={rules.data.items} />
      )}
      {opened === undefined || session === undefined || (mayChange && channels.isPending) ? null : (
        <RuleDialog
          key={opened.id}
          rule={opened}
          channels={mayChange ? (choices ?? []) : null}
          onClose={() => void navigate({ search: {}, resetScroll: false })}
        />
      )}
    </>
  )
}

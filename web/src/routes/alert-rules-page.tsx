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
  const opened = rules.data?.items.find(({ id }) => id === rule)
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
      {opened === undefined ? null : (
        <RuleDialog
          key={opened.id}
          rule={opened}
          mayChange={isAmong(session, FLEET_ADMINS)}
          onClose={() => void navigate({ search: {}, resetScroll: false })}
        />
      )}
    </>
  )
}

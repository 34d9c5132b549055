import { FLEET_ADMINS, isAmong } from '@rebootless/shared/domain/audiences.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { sessionQuery } from '../features/access/queries.ts'
import { ComplianceTabs } from '../features/compliance/compliance-tabs.tsx'
import { reportChannelsQuery, reportsQuery } from '../features/compliance/reports/queries.ts'
import { NewReportDialog, ReportDialog } from '../features/compliance/reports/report-dialog.tsx'
import { ReportRows, ReportRowsLoading } from '../features/compliance/reports/report-list.tsx'
import { FleetAdminsOnly } from '../shell/fleet-admins-only.tsx'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'

const route = getRouteApi('/signed-in/compliance/reports')

/** What is sent of compliance, when, where to, and what became of it. */
export const ReportsPage = () => {
  usePageTitle('Reports')
  const session = useQuery(sessionQuery).data
  const allowed = isAmong(session, FLEET_ADMINS)
  const reports = useQuery({ ...reportsQuery, enabled: allowed })
  const channels = useQuery({ ...reportChannelsQuery, enabled: allowed }).data?.items
  const { report: open } = route.useSearch()
  const navigate = useNavigate({ from: '/compliance/reports' })
  const show = (report: string | undefined) =>
    void navigate({ search: report === undefined ? {} : { report }, resetScroll: false })
  const opened = reports.data?.items.find(({ id }) => id === open)
  const add = allowed ? (
    <Button kind="primary" onClick={() => show('new')}>
      <Plus size={14} aria-hidden />
      Add a report
    </Button>
  ) : null
  return (
    <>
      <PageHeader title="Compliance" updatedAt={allowed ? reports.dataUpdatedAt : null} actions={add} />
      <ComplianceTabs tab="/compliance/reports" />
      {!allowed || session === undefined ? (
        <div className="px-6 py-6 max-desk:px-4">
          <FleetAdminsOnly what="Reports" session={session} />
        </div>
      ) : reports.isPending ? (
        <ReportRowsLoading />
      ) : reports.data === undefined ? (
        <ProblemNotice what="The reports" error={reports.error} onRetry={() => void reports.refetch()} />
      ) : reports.data.items.length === 0 ? (
        <Notice mark={<StateGlyph state="unsupported" size={20} />} title="No report is sent yet" actions={add}>
          <p>
            A report goes to a channel once a week or month: how many hosts are within their SLA, what is open and past
            due, a link to this page as it stood then, and by mail what is open as CSV.
          </p>
        </Notice>
      ) : (
        <ReportRows reports={reports.data.items} />
      )}
      {allowed && open === 'new' && channels !== undefined ? (
        <NewReportDialog channels={channels} onClose={() => show(undefined)} />
      ) : null}
      {opened === undefined || channels === undefined ? null : (
        <ReportDialog key={opened.id} report={opened} channels={channels} onClose={() => show(undefined)} />
      )}
    </>
  )
}

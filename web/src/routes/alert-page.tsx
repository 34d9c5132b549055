import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { ApiProblem } from '../api/api-problem.ts'
import { sessionQuery } from '../features/access/queries.ts'
import { AlertActs } from '../features/alerts/alert-acts.tsx'
import { AlertPhaseMark, AlertSeverityMark } from '../features/alerts/alert-marks.tsx'
import { AlertHosts, AlertLoading, LastTime, LookLink } from '../features/alerts/alert-parts.tsx'
import { AlertTimeline } from '../features/alerts/alert-timeline.tsx'
import { alertQuery } from '../features/alerts/queries.ts'
import { Runbook } from '../features/alerts/runbook.tsx'
import { Crumb } from '../shell/crumb.tsx'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { buttonClass } from '../ui/button.tsx'
import { exactTime } from '../ui/duration.ts'
import { HostText, visibleText } from '../ui/host-text.tsx'
import { Notice } from '../ui/notice.tsx'
import { Section } from '../ui/section.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'

const route = getRouteApi('/signed-in/alerts/$id')

/** One cause: what is so, what to do, on which hosts, and what was done the last time. */
export const AlertPage = () => {
  const { id } = route.useParams()
  const one = useQuery(alertQuery(id))
  const alert = one.data
  const isMissing = one.error instanceof ApiProblem && ['alert_not_found', 'query_invalid'].includes(one.error.code)
  const session = useQuery(sessionQuery).data
  usePageTitle(alert === undefined ? 'Alert' : visibleText(alert.title, 100))
  return (
    <>
      <PageHeader
        crumbs={<Crumb to="/alerts">Alerts</Crumb>}
        title={alert === undefined ? 'Alert' : <HostText value={alert.title} max={200} />}
        updatedAt={one.dataUpdatedAt}
      />
      {one.isPending ? (
        <AlertLoading />
      ) : alert === undefined && isMissing ? (
        <Notice
          mark={<StateGlyph state="unsupported" size={20} />}
          title="No such alert"
          actions={
            <Link to="/alerts" className={buttonClass('primary', 'large')}>
              All alerts
            </Link>
          }
        >
          <p>Alerts are kept for a time after they are over: it was deleted since, or the address is wrong.</p>
        </Notice>
      ) : alert === undefined ? (
        <ProblemNotice what="This alert" error={one.error ?? new Error('')} onRetry={() => void one.refetch()} />
      ) : (
        <>
          <section aria-label="What is so" className="grid gap-4 border-b border-line px-6 py-5 max-desk:px-4">
            <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-12">
              <AlertSeverityMark severity={alert.severity} />
              <AlertPhaseMark phase={alert.status} />
              <span className="text-ink-3" title={exactTime(alert.since)}>
                began <TimeAgo at={alert.since} full suffix=" ago" />
              </span>
              {alert.resolvedAt === null ? null : (
                <span className="text-ink-3" title={exactTime(alert.resolvedAt)}>
                  over since <TimeAgo at={alert.resolvedAt} full />
                </span>
              )}
              {alert.silencedUntil === null || alert.status !== 'silenced' ? null : (
                <span className="text-ink-3">silenced until {exactTime(alert.silencedUntil)}</span>
              )}
            </p>
            {/* The head of the page has no room for it there. */}
            <p aria-hidden className="-mb-2 text-16 font-semibold wrap-anywhere desk:hidden">
              <HostText value={alert.title} max={200} />
            </p>
            <p className="max-w-[72ch] text-16 wrap-anywhere max-desk:text-14">
              <HostText value={alert.sentence} max={1500} />
            </p>
            {alert.acknowledged === null ? null : (
              <p className="max-w-[72ch] text-ink-2 wrap-anywhere">
                Acknowledged by {alert.acknowledged.by} <TimeAgo at={alert.acknowledged.at} suffix=" ago" />
                {alert.acknowledged.note === null ? '.' : ': '}
                {alert.acknowledged.note === null ? null : <HostText value={alert.acknowledged.note} max={2000} />}
              </p>
            )}
            {alert.done === null ? null : (
              <p className="max-w-[72ch] text-ink-2 wrap-anywhere">
                Done: <HostText value={alert.done} max={2000} />
              </p>
            )}
            <AlertActs alert={alert} session={session}>
              <LookLink path={alert.path} />
            </AlertActs>
          </section>
          <div className="desk:grid desk:grid-cols-[minmax(0,1.35fr)_minmax(0,1fr)] desk:divide-x desk:divide-line">
            <div className="min-w-0 max-desk:border-b max-desk:border-line">
              {alert.lastTime === null ? null : <LastTime lastTime={alert.lastTime} />}
              <div id="runbook">
                <Section title="Runbook">
                  <Runbook markdown={alert.runbook.replace(/^# .*\n/, '')} />
                </Section>
              </div>
            </div>
            <div className="min-w-0">
              {alert.members.length === 0 ? null : <AlertHosts alert={alert} />}
              <Section title="What happened">
                <AlertTimeline entries={alert.timeline} />
              </Section>
            </div>
          </div>
        </>
      )}
    </>
  )
}

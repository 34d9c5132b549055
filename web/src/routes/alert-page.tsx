import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { sessionQuery } from '../features/access/queries.ts'
import { AlertActs } from '../features/alerts/alert-acts.tsx'
import { AlertPhaseMark, AlertSeverityMark } from '../features/alerts/alert-marks.tsx'
import { AlertTimeline } from '../features/alerts/alert-timeline.tsx'
import { alertQuery } from '../features/alerts/queries.ts'
import { Runbook } from '../features/alerts/runbook.tsx'
import { Crumb } from '../shell/crumb.tsx'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { exactTime, plural } from '../ui/duration.ts'
import { HostText, visibleText } from '../ui/host-text.tsx'
import { Placeholder } from '../ui/notice.tsx'
import { Section } from '../ui/section.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'

const route = getRouteApi('/signed-in/alerts/$id')
const MEMBERS_SHOWN = 50

/** One cause: what is so, what to do, on which hosts, and what was done the last time. */
export const AlertPage = () => {
  const { id } = route.useParams()
  const one = useQuery(alertQuery(id))
  const alert = one.data
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
        <div aria-busy="true" className="grid gap-3 px-6 py-5 max-desk:px-4">
          <p role="status" className="sr-only">
            The alert is loading.
          </p>
          <Placeholder className="w-32" />
          <Placeholder className="w-96" />
        </div>
      ) : alert === undefined ? (
        <ProblemNotice what="This alert" error={one.error ?? new Error('')} onRetry={() => void one.refetch()} />
      ) : (
        <>
          <section aria-label="What is so" className="grid gap-4 border-b border-line px-6 py-5 max-desk:px-4">
            <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-12">
              <AlertSeverityMark severity={alert.severity} />
              <AlertPhaseMark phase={alert.status} />
              <span className="text-ink-3" title={exactTime(alert.since)}>
                since <TimeAgo at={alert.since} full suffix=" ago" />
              </span>
              {alert.silencedUntil === null || alert.status !== 'silenced' ? null : (
                <span className="text-ink-3">silenced until {exactTime(alert.silencedUntil)}</span>
              )}
            </p>
            <p className="max-w-[72ch] text-16">
              <HostText value={alert.sentence} max={1500} />
            </p>
            {alert.acknowledged === null ? null : (
              <p className="text-ink-2">
                Acknowledged by {alert.acknowledged.by} <TimeAgo at={alert.acknowledged.at} suffix=" ago" />
                {alert.acknowledged.note === null ? '.' : ': '}
                {alert.acknowledged.note === null ? null : <HostText value={alert.acknowledged.note} max={2000} />}
              </p>
            )}
            {alert.done === null ? null : (
              <p className="text-ink-2">
                Done: <HostText value={alert.done} max={2000} />
              </p>
            )}
            <AlertActs alert={alert} session={session} />
          </section>
          {alert.lastTime === null ? null : (
            <Section title="Last time" about={`It was over ${exactTime(alert.lastTime.resolvedAt)}.`}>
              <p className="max-w-[72ch]">
                {alert.lastTime.done === null ? (
                  <span className="text-ink-3">Nobody wrote down what was done. </span>
                ) : (
                  <HostText value={alert.lastTime.done} max={2000} />
                )}
                {alert.lastTime.acknowledged?.note == null ? null : (
                  <>
                    {' '}
                    {alert.lastTime.acknowledged.by} noted:{' '}
                    <HostText value={alert.lastTime.acknowledged.note} max={2000} />
                  </>
                )}{' '}
                <Link
                  to="/alerts/$id"
                  params={{ id: alert.lastTime.id }}
                  className="underline decoration-line-3 underline-offset-2 hover:decoration-ink"
                >
                  See it
                </Link>
              </p>
            </Section>
          )}
          <div id="runbook">
            <Section title="Runbook">
              <Runbook markdown={alert.runbook.replace(/^# .*\n/, '')} />
            </Section>
          </div>
          {alert.members.length === 0 ? null : (
            <Section title="Hosts" about={`${plural(alert.hostCount, 'host')} had or have this cause.`}>
              <ul aria-label="Hosts" className="grid gap-x-6 gap-y-1.5 desk:grid-cols-2">
                {alert.members.slice(0, MEMBERS_SHOWN).map(({ id: host, name, since, until }) => (
                  <li key={host} className="flex min-w-0 items-baseline gap-3 touch:min-h-11 touch:items-center">
                    <Link
                      to="/hosts/$id"
                      params={{ id: host }}
                      className="min-w-0 truncate font-medium hover:underline"
                    >
                      <HostText value={name} max={80} />
                    </Link>
                    <span className="text-12 whitespace-nowrap text-ink-3">
                      {until === null ? (
                        <>
                          for <TimeAgo at={since} />
                        </>
                      ) : (
                        'no more'
                      )}
                    </span>
                  </li>
                ))}
              </ul>
              {alert.members.length > MEMBERS_SHOWN ? (
                <p className="mt-2 text-12 text-ink-3">The first {MEMBERS_SHOWN}, longest first.</p>
              ) : null}
            </Section>
          )}
          <Section title="What happened">
            <AlertTimeline entries={alert.timeline} />
          </Section>
        </>
      )}
    </>
  )
}

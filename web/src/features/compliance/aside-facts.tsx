import type { ComplianceSummary } from '@rebootless/shared/contract/compliance.ts'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { count, dayOf, plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { overdueWord } from './breakdown.tsx'
import { NumberLink } from './number-link.tsx'
import { type Scope, scopeInAddress } from './scope.ts'

/** A fact with its number and one line of context. */
export const AsideFact = ({ word, value, children }: { word: string; value: ReactNode; children?: ReactNode }) => (
  <div className="grid content-center gap-0.5 border-line px-5 py-3 not-first:border-t max-desk:px-4 print:border-t print:px-0">
    <dt className="text-12 text-ink-3">{word}</dt>
    <dd>
      <span className="block text-20 font-semibold tracking-tight">{value}</span>
      {children ? <span className="block text-12 text-ink-3">{children}</span> : null}
    </dd>
  </div>
)

/** What stands beside the trend: what is exploited, what is open longest, what is accepted, what will break. */
export const AsideFacts = ({ summary, scope }: { summary: ComplianceSummary; scope: Scope }) => {
  const { knownExploited, oldest, accepted, forecast, fixedOnDisk } = summary
  return (
    <>
      <AsideFact
        word="Known to be exploited, and open"
        value={
          <NumberLink value={knownExploited.hosts} asked={{ only: 'known_exploited' }}>
            {plural(knownExploited.hosts, 'host')}
          </NumberLink>
        }
      >
        {knownExploited.cves === 0
          ? 'no such CVE is open'
          : `to ${plural(knownExploited.cves, 'CVE')}; ${count(knownExploited.overdueHosts)} past SLA`}
      </AsideFact>
      <AsideFact
        word="Oldest open exposure"
        value={
          oldest === null ? (
            'none'
          ) : (
            <Link
              to="/compliance/cves/$id"
              params={{ id: oldest.cveId }}
              search={scopeInAddress(scope)}
              className="quiet-link font-semibold"
            >
              {oldest.cveId}
            </Link>
          )
        }
      >
        {oldest === null ? (
          'nothing is open'
        ) : (
          <>
            {oldest.severity === 'unknown' ? 'not scored' : oldest.severity}, open{' '}
            {scope.at === undefined ? <TimeAgo at={oldest.since} /> : `since ${dayOf(oldest.since)}`} on{' '}
            {oldest.hosts > 1 ? `${plural(oldest.hosts, 'host')}, first ` : null}
            <Link to="/hosts/$id" params={{ id: oldest.hostId }} search={{ tab: 'exposure' }} className="quiet-link">
              <HostText value={oldest.hostName} max={60} />
            </Link>
            {oldest.overdueDays !== null ? (
              <span className="text-old-text">; {overdueWord(oldest.overdueDays)}</span>
            ) : oldest.dueAt === null ? (
              '; due never'
            ) : (
              `; due ${dayOf(oldest.dueAt)}`
            )}
          </>
        )}
      </AsideFact>
      <AsideFact
        word="Accepted"
        value={
          <NumberLink value={accepted.hosts} asked={{ only: 'accepted' }}>
            {plural(accepted.hosts, 'host')}
          </NumberLink>
        }
      >
        by {plural(accepted.exceptions, 'exception')} over {plural(accepted.cves, 'CVE')}
      </AsideFact>
      <AsideFact
        word="Fixed on disk, not running"
        value={
          <NumberLink value={fixedOnDisk.hosts} asked={{ only: 'fixed_on_disk' }}>
            {plural(fixedOnDisk.hosts, 'host')}
          </NumberLink>
        }
      >
        {fixedOnDisk.hosts === 0
          ? 'no reboot would fix anything'
          : `a reboot would fix ${plural(fixedOnDisk.cves, 'CVE')}`}
      </AsideFact>
      <AsideFact
        word={`Will break within ${plural(forecast.withinDays, 'day')}`}
        value={<span className={forecast.hosts === 0 ? 'text-ink-3' : ''}>{plural(forecast.hosts, 'host')}</span>}
      >
        {forecast.hostsPerDay === 0
          ? `nothing was fixed in ${plural(forecast.paceDays, 'day')}`
          : `at ${forecast.hostsPerDay.toFixed(1)} hosts a day`}
      </AsideFact>
    </>
  )
}

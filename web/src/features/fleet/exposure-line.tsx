import type { FleetSummary } from '@rebootless/shared/contract/fleet.ts'
import { Link } from '@tanstack/react-router'
import { count, plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'

const LINK = 'quiet-link touch:inline-block touch:py-2.5'

/** The fleet's oldest open exposure, and how many hosts are past their SLA; nothing before any host was judged. */
export const ExposureLine = ({ exposure }: { exposure: FleetSummary['exposure'] }) => {
  if (exposure === null) return null
  const { oldest, overdue } = exposure
  return (
    <p
      className="flex flex-wrap items-center gap-x-5 gap-y-1 border-b border-line px-6 py-2 text-12 text-ink-2 max-desk:px-4"
      title={exposure.sentence}
    >
      {oldest === null ? (
        <span>No CVE is open on any host that was judged.</span>
      ) : (
        <span>
          Oldest open exposure:{' '}
          <Link to="/compliance/cves/$id" params={{ id: oldest.cveId }} search={{ status: 'exposed' }} className={LINK}>
            {oldest.cveId}
          </Link>
          {oldest.knownExploited ? ', known to be exploited,' : ''} open <TimeAgo at={oldest.since} /> on{' '}
          <Link to="/hosts/$id" params={{ id: oldest.hostId }} search={{ tab: 'exposure' }} className={LINK}>
            <HostText value={oldest.hostName} max={60} />
          </Link>
        </span>
      )}
      {overdue > 0 ? (
        <Link to="/compliance" search={{ open: 'overdue=true' }} className={`${LINK} text-old-text`}>
          {count(overdue)} past SLA
        </Link>
      ) : null}
      {exposure.rebootsAvoided === null ? null : (
        <span>{plural(exposure.rebootsAvoided, 'reboot')} avoided this quarter</span>
      )}
      <Link to="/compliance" className={`${LINK} ml-auto`}>
        Compliance
      </Link>
    </p>
  )
}

import type { AlertGroup } from '@rebootless/shared/contract/alerts.ts'
import { Link } from '@tanstack/react-router'
import { count } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { AlertPhaseMark, AlertSeverityMark } from './alert-marks.tsx'

const GRID =
  'desk:grid desk:grid-cols-[96px_minmax(0,2fr)_minmax(120px,0.8fr)_130px_72px] desk:items-center gap-x-5 px-6 max-desk:px-4'
const NAMES_SHOWN = 3

const HostsOf = ({ group: { hostCount, hosts } }: { group: AlertGroup }) =>
  hostCount === 0 ? (
    <span className="text-ink-3">no host</span>
  ) : (
    <span className="min-w-0 text-12 text-ink-2 desk:truncate">
      {hostCount === 1 ? null : `${count(hostCount)}: `}
      {hosts.slice(0, NAMES_SHOWN).map(({ id, name }, index) => (
        <span key={id}>
          {index === 0 ? '' : ', '}
          <HostText value={name} max={60} />
        </span>
      ))}
      {hostCount > NAMES_SHOWN ? ` and ${count(hostCount - NAMES_SHOWN)} more` : ''}
    </span>
  )

/** Alerts, one a cause; each opens what is known of it and what to do. */
export const AlertRows = ({ groups }: { groups: readonly AlertGroup[] }) => (
  <div>
    <div aria-hidden className={`${GRID} h-8 border-b border-line text-11 font-medium text-ink-3 max-desk:hidden`}>
      <span>Urgency</span>
      <span>What</span>
      <span>Hosts</span>
      <span>State</span>
      <span className="text-right">Since</span>
    </div>
    <ul aria-label="Alerts">
      {groups.map((group) => (
        <li
          key={group.id}
          className={`${GRID} relative min-h-14 border-b border-line py-2.5 transition-colors hover:bg-hover max-desk:grid max-desk:grid-cols-[minmax(0,1fr)_auto] max-desk:gap-y-1 max-desk:*:col-span-2 max-desk:[&>:first-child]:col-span-1`}
        >
          <AlertSeverityMark severity={group.severity} />
          <div className="min-w-0">
            <Link
              to="/alerts/$id"
              params={{ id: group.id }}
              data-row-link
              className="font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-ink"
            >
              <HostText value={group.title} max={200} />
            </Link>
            <p className="text-12 text-ink-2">
              <HostText value={group.sentence} max={300} />
            </p>
          </div>
          <HostsOf group={group} />
          <span className="text-12 max-desk:flex max-desk:items-baseline max-desk:gap-1">
            <AlertPhaseMark phase={group.status} />
            {group.acknowledged === null || group.status === 'resolved' ? null : (
              <span className="text-ink-3 desk:block">by {group.acknowledged.by}</span>
            )}
          </span>
          <span className="text-12 text-ink-2 max-desk:col-span-1! max-desk:col-start-2! max-desk:row-start-1 max-desk:text-right desk:text-right">
            <TimeAgo at={group.since} />
          </span>
        </li>
      ))}
    </ul>
  </div>
)

/** Before the first answer, in its final geometry. */
export const AlertRowsLoading = () => (
  <div aria-busy="true">
    <p role="status" className="sr-only">
      The alerts are loading.
    </p>
    {['w-56', 'w-72', 'w-48'].map((width) => (
      <div key={width} className={`${GRID} min-h-14 border-b border-line py-2.5 max-desk:grid max-desk:gap-y-2`}>
        <Placeholder className="w-16" />
        <Placeholder className={width} />
        <Placeholder className="w-24" />
        <Placeholder className="w-20" />
      </div>
    ))}
  </div>
)

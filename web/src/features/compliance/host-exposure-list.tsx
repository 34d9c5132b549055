import type { HostExposureList } from '@rebootless/shared/contract/cves.ts'
import { Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { dayOf } from '../../ui/duration.ts'
import { ExposureMark, SeverityMark } from '../../ui/exposure-mark.tsx'
import { HostText } from '../../ui/host-text.tsx'
import { Evidence } from './evidence.tsx'
import { ExploitedMark } from './open-cves-part.tsx'

const BELOW =
  'desk:grid-cols-[14px_132px_150px_minmax(0,1fr)] desk:[&>:nth-child(5)]:col-span-3 desk:[&>:nth-child(5)]:col-start-2 desk:[&>:nth-child(6)]:hidden max-desk:[&>:nth-child(n+3)]:col-start-2'

/** CVEs of one host, each with what it is to it; a row opens why. */
export const HostExposureRows = ({
  items,
  doubts,
  readAt,
  narrow = false,
}: {
  items: HostExposureList['items']
  doubts: HostExposureList['doubts']
  readAt: string | null
  /** In a drawer: below one another, as on a phone. */
  narrow?: boolean
}) => (
  <ul aria-label="CVEs of this host">
    {items.map(({ cve, exposure, verdict, since, acceptedUntil }) => (
      <li key={cve.id} className="border-b border-line">
        <details className="group">
          <summary
            className={`grid min-h-11 grid-cols-[14px_minmax(0,1fr)] items-center gap-x-2 gap-y-0.5 py-1.5 transition-colors hover:bg-hover ${narrow ? BELOW : 'desk:grid-cols-[14px_132px_150px_96px_minmax(0,1fr)_124px] max-desk:[&>:nth-child(n+3)]:col-start-2'}`}
          >
            <ChevronRight size={14} aria-hidden className="text-ink-3 transition-transform group-open:rotate-90" />
            <span className="flex items-center gap-2">
              <span className="mono text-[12px] font-medium">{cve.id}</span>
            </span>
            <span>
              <ExposureMark exposure={exposure} />
            </span>
            <span className="text-12">
              <SeverityMark severity={cve.severity} />
            </span>
            <span className="min-w-0 text-12 text-ink-2 desk:truncate">
              <ExploitedMark on={cve.knownExploitedOn} /> <HostText value={verdict.why} max={600} />
            </span>
            <span className="text-12 text-ink-3 desk:text-right">since {dayOf(since)}</span>
          </summary>
          <div className="grid gap-2 pt-1 pb-4 pl-6">
            {acceptedUntil === null ? null : (
              <p className="text-12 text-ink-2">
                An exception accepts it until {dayOf(acceptedUntil)}; without one it would be exposed.
              </p>
            )}
            {cve.title === null ? null : (
              <p className="font-medium">
                <HostText value={cve.title} max={300} />
              </p>
            )}
            <Evidence verdict={verdict} doubts={doubts} readAt={readAt} />
            <p>
              <Link to="/compliance/cves/$id" params={{ id: cve.id }} className="quiet-link text-12 touch:py-3">
                All of {cve.id}
              </Link>
            </p>
          </div>
        </details>
      </li>
    ))}
  </ul>
)

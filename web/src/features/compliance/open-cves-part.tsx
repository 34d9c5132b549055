import type { CveItem } from '@rebootless/shared/contract/cves.ts'
import { Link } from '@tanstack/react-router'
import { Siren } from 'lucide-react'
import { count, dayOf, percent } from '../../ui/duration.ts'
import { SeverityMark } from '../../ui/exposure-mark.tsx'
import { HostText } from '../../ui/host-text.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { type Scope, scopeInAddress } from './scope.ts'

/** That somebody is known to use it, in icon and word. */
export const ExploitedMark = ({ on }: { on: string | null }) =>
  on === null ? null : (
    <span
      title={`In CISA's catalogue of known exploited vulnerabilities since ${on}`}
      className="inline-flex flex-none items-center gap-1 text-12 font-medium whitespace-nowrap text-old-text"
    >
      <Siren size={13} aria-hidden />
      exploited
    </span>
  )

const CELL = 'py-2 pr-4 align-baseline border-b border-line'

/** CVEs that are open somewhere, known exploited first. */
export const OpenCves = ({ cves, scope }: { cves: readonly CveItem[]; scope: Scope }) => (
  <div className="overflow-x-auto">
    <table className="w-full border-collapse max-desk:min-w-140">
      <caption className="sr-only">Open CVEs, known exploited first</caption>
      <thead className="text-11 text-ink-3">
        <tr>
          {['CVE', 'Severity', 'What', 'Hosts exposed', 'Open since', 'EPSS'].map((word, index) => (
            <th
              key={word}
              scope="col"
              className={`border-b border-line py-1.5 pr-4 font-medium whitespace-nowrap last:pr-0 ${index > 2 ? 'text-right' : ''}`}
            >
              {word}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {cves.map((cve) => (
          <tr key={cve.id}>
            <th scope="row" className={`${CELL} font-normal whitespace-nowrap`}>
              <Link
                to="/compliance/cves/$id"
                params={{ id: cve.id }}
                search={{ ...scopeInAddress(scope), status: 'exposed' }}
                className="mono quiet-link text-[12px]"
              >
                {cve.id}
              </Link>
            </th>
            <td className={CELL}>
              <SeverityMark severity={cve.severity} />
            </td>
            <td className={`${CELL} text-ink-2`}>
              {cve.title === null ? <span className="text-ink-3">–</span> : <HostText value={cve.title} max={120} />}{' '}
              <ExploitedMark on={cve.knownExploitedOn} />
            </td>
            <td className={`${CELL} text-right font-medium`}>
              {count((cve.hosts.exposed ?? 0) + (cve.hosts.fixed_on_disk ?? 0))}
            </td>
            <td className={`${CELL} text-right text-12 whitespace-nowrap text-ink-2`}>
              {cve.exposedSince === null ? (
                '–'
              ) : scope.at === undefined ? (
                <TimeAgo at={cve.exposedSince} />
              ) : (
                dayOf(cve.exposedSince)
              )}
            </td>
            <td className={`${CELL} pr-0 text-right text-12 text-ink-2`}>
              {cve.epss === null ? '–' : percent(cve.epss)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

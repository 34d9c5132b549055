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
      className="inline-flex flex-none items-baseline gap-1 text-12 font-medium whitespace-nowrap text-old-text"
    >
      <Siren size={13} aria-hidden className="relative top-0.5 flex-none" />
      exploited
    </span>
  )

const CELL = 'py-2 pr-4 align-baseline border-b border-line'

/** Feeds differ in what they tell: a column of which none says anything is left out. */
const headsOf = (cves: readonly CveItem[]) => [
  { word: 'CVE', className: 'w-40' },
  { word: 'Severity', className: 'w-32' },
  { word: 'Known exploited', className: 'max-desk:hidden desk:w-36' },
  ...(cves.some(({ title }) => title !== null) ? [{ word: 'What', className: 'max-desk:hidden' }] : []),
  { word: 'Hosts', className: 'text-right max-desk:pr-0 desk:w-24' },
  { word: 'Open since', className: 'text-right last:pr-0 max-desk:hidden' },
  ...(cves.some(({ epss }) => epss !== null)
    ? [{ word: 'EPSS', className: 'w-16 pr-0! text-right max-desk:hidden' }]
    : []),
]

/** CVEs that are open somewhere, known exploited first. */
export const OpenCves = ({ cves, scope }: { cves: readonly CveItem[]; scope: Scope }) => {
  const heads = headsOf(cves)
  const tells = (word: string) => heads.some((head) => head.word === word)
  return (
    <table className="w-full border-collapse">
      <caption className="sr-only">Open CVEs, known exploited first</caption>
      <thead className="text-11 text-ink-3">
        <tr>
          {heads.map(({ word, className }) => (
            <th key={word} scope="col" className={`border-b border-line py-1.5 pr-4 font-medium ${className}`}>
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
              <span className="block desk:hidden">
                <ExploitedMark on={cve.knownExploitedOn} />
              </span>
            </th>
            <td className={CELL}>
              <SeverityMark severity={cve.severity} />
            </td>
            <td className={`${CELL} max-desk:hidden`}>
              <ExploitedMark on={cve.knownExploitedOn} />
            </td>
            {tells('What') ? (
              <td className={`${CELL} text-ink-2 max-desk:hidden`}>
                {cve.title === null ? '–' : <HostText value={cve.title} max={120} />}
              </td>
            ) : null}
            <td className={`${CELL} text-right font-medium max-desk:pr-0`}>
              {count((cve.hosts.exposed ?? 0) + (cve.hosts.fixed_on_disk ?? 0))}
            </td>
            <td className={`${CELL} text-right text-12 whitespace-nowrap text-ink-2 last:pr-0 max-desk:hidden`}>
              {cve.exposedSince === null ? (
                '–'
              ) : scope.at === undefined ? (
                <TimeAgo at={cve.exposedSince} />
              ) : (
                dayOf(cve.exposedSince)
              )}
            </td>
            {tells('EPSS') ? (
              <td className={`${CELL} pr-0! text-right text-12 text-ink-2 max-desk:hidden`}>
                {cve.epss === null ? '–' : percent(cve.epss)}
              </td>
            ) : null}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

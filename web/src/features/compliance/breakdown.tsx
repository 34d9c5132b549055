import type {
  ComplianceCounts,
  ComplianceOfLabel,
  ComplianceOfSeverity,
} from '@rebootless/shared/contract/compliance.ts'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { count, plural } from '../../ui/duration.ts'
import { SeverityMark } from '../../ui/exposure-mark.tsx'
import { HostText } from '../../ui/host-text.tsx'
import { NumberLink } from './number-link.tsx'
import type { HostsAsked } from './queries.ts'
import { shareWord } from './share-word.ts'

const HEAD = 'border-b border-line py-1.5 text-11 font-medium text-ink-3'
const CELL = 'h-8 py-1 border-b border-line'
const PAST = 'text-old-text'

/** Open CVEs by severity: how many, on how many hosts, and past what the SLA gives them. */
export const SeverityBreakdown = ({ rows }: { rows: readonly ComplianceOfSeverity[] }) => (
  <table className="w-full border-collapse">
    <caption className="sr-only">By severity</caption>
    <thead>
      <tr>
        <th scope="col" className={HEAD}>
          Severity
        </th>
        {['CVEs open', 'Hosts', 'Past SLA', 'Oldest'].map((word) => (
          <th key={word} scope="col" className={`${HEAD} pl-2 text-right`}>
            {word}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {rows.map(({ severity, cves, hosts, overdueHosts, oldest }) => (
        <tr key={severity}>
          <th scope="row" className={`${CELL} font-normal`}>
            <SeverityMark severity={severity} />
          </th>
          <td className={`${CELL} pl-2 text-right ${cves === 0 ? 'text-ink-3' : ''}`}>{count(cves)}</td>
          <td className={`${CELL} pl-2 text-right`}>
            <NumberLink value={hosts} asked={{ severity, only: 'exposed' }} />
          </td>
          <td className={`${CELL} pl-2 text-right font-medium`}>
            <NumberLink value={overdueHosts} asked={{ severity, overdue: 'true' }} tone={PAST} />
          </td>
          <td className={`${CELL} pl-2 text-right text-12 whitespace-nowrap text-ink-2`}>
            {oldest === null ? (
              <span className="text-ink-3">none</span>
            ) : oldest.overdueDays === null ? (
              'in time'
            ) : (
              <span className={PAST}>{overdueWord(oldest.overdueDays)}</span>
            )}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)

/** How long past its due date: `4 d over`. */
export const overdueWord = (days: number): string => (days === 0 ? '<\u00a01 d over' : `${count(days)}\u00a0d over`)

const FIRST = 8

/** Hosts by the values of a label: past their SLA, with something open, and the share that is within. */
export const LabelBreakdown = ({
  label,
  rows,
  all = false,
}: {
  label: 'owner' | 'datacentre'
  rows: readonly ComplianceOfLabel[]
  /** Every row at once, as on paper. */
  all?: boolean
}) => {
  const [more, setMore] = useState(false)
  if (rows.every(({ value }) => value === null))
    return (
      <p className="py-2 text-12 text-ink-3">
        No host has a label that names its {label}: hosts get labels by their join token, or in Settings, Enrolment.
      </p>
    )
  const shown = all || more ? rows : rows.slice(0, FIRST)
  const asked = (value: string | null): HostsAsked => ({ [label]: value ?? '' })
  return (
    <>
      <table className="w-full table-fixed border-collapse">
        <caption className="sr-only">By {label}</caption>
        <thead>
          <tr>
            <th scope="col" className={`${HEAD} w-[24%]`}>
              {label === 'owner' ? 'Owner' : 'Datacentre'}
            </th>
            <th scope="col" className={`${HEAD} pl-2`}>
              Hosts
            </th>
            {['Past SLA', 'Open', 'Within'].map((word) => (
              <th key={word} scope="col" className={`${HEAD} w-15 pl-2 text-right`}>
                {word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.value ?? ''}>
              <th scope="row" className={`${CELL} truncate pr-2 font-normal`}>
                {row.value === null ? (
                  <span className="text-ink-3">without</span>
                ) : (
                  <HostText value={row.value} max={60} />
                )}
              </th>
              <td className={`${CELL} pl-2`}>
                <CountsBar counts={row} />
              </td>
              <td className={`${CELL} pl-2 text-right font-medium`}>
                <NumberLink value={row.overdue} asked={{ ...asked(row.value), overdue: 'true' }} tone={PAST} />
              </td>
              <td className={`${CELL} pl-2 text-right`}>
                <NumberLink value={row.exposed} asked={{ ...asked(row.value), only: 'exposed' }} />
              </td>
              <td className={`${CELL} pl-2 text-right font-medium whitespace-nowrap`}>
                {row.hosts === 0 ? '–' : shareWord(row.within / row.hosts)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown.length ? (
        <Button className="mt-3" onClick={() => setMore(true)}>
          Show {count(rows.length - shown.length)} more
        </Button>
      ) : null}
    </>
  )
}

/** Hosts to scale: past SLA, open in time, nothing open, not judged; none thinner than 3 px. */
const CountsBar = ({ counts: { hosts, judged, exposed, overdue } }: { counts: ComplianceCounts }) => {
  const parts = [
    { key: 'past', hosts: overdue, fill: 'bg-old-fill' },
    { key: 'in time', hosts: exposed - overdue, fill: 'bg-old-cell' },
    { key: 'nothing open', hosts: judged - exposed, fill: 'bg-new-cell' },
    { key: 'not judged', hosts: hosts - judged, fill: 'bg-none-cell' },
  ]
  return (
    <span
      className="flex items-center gap-2"
      title={parts.map((part) => `${count(part.hosts)} ${part.key}`).join(', ')}
    >
      <span aria-hidden className="flex h-2 min-w-0 flex-1 gap-px overflow-hidden rounded-[2px]">
        {parts.map((part) =>
          part.hosts > 0 ? (
            <i key={part.key} className={`min-w-[3px] basis-0 ${part.fill}`} style={{ flexGrow: part.hosts }} />
          ) : null,
        )}
      </span>
      <span className="w-8 flex-none text-right text-12 text-ink-3">
        {count(hosts)}
        <span className="sr-only"> {plural(hosts, 'host').replace(/^[\d,]+ /, '')}</span>
      </span>
    </span>
  )
}

/** What the bars' colours mean. */
export const BreakdownKeys = () => (
  <ul aria-label="What the bars show" className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-12 text-ink-2">
    {[
      ['bg-old-fill', 'past SLA'],
      ['bg-old-cell', 'open, in time'],
      ['bg-new-cell', 'nothing open'],
      ['bg-none-cell', 'not judged'],
    ].map(([fill, word]) => (
      <li key={word} className="inline-flex items-center gap-1.5">
        <i aria-hidden className={`h-2 w-2.5 rounded-[2px] ${fill}`} />
        {word}
      </li>
    ))}
  </ul>
)

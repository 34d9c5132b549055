import type { ComplianceForecast } from '@rebootless/shared/contract/compliance.ts'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { count, dayOf, exactTime, plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { PagePart } from './page-part.tsx'

const FIRST = 6

/** Hosts that are within their SLA and will not be, the next to break first. */
export const ForecastPart = ({ forecast, all = false }: { forecast: ComplianceForecast; all?: boolean }) => {
  const [more, setMore] = useState(false)
  const shown = all || more ? forecast.which : forecast.which.slice(0, FIRST)
  return (
    <PagePart title={`Will break within ${plural(forecast.withinDays, 'day')}`} note={plural(forecast.hosts, 'host')}>
      <p className="max-w-[72ch] text-12 text-ink-3">{forecast.method}</p>
      {shown.length === 0 ? (
        <p className="mt-2">At this pace none breaks its SLA.</p>
      ) : (
        <ol aria-label="Hosts that will break their SLA" className="mt-2 border-t border-line">
          {shown.map(({ id, name, breachAt, cveId }) => (
            <li
              key={id}
              className="grid min-h-8 grid-cols-[minmax(0,1fr)_auto_96px] items-center gap-x-4 border-b border-line max-desk:min-h-11"
            >
              <Link to="/hosts/$id" params={{ id }} search={{ tab: 'exposure' }} className="truncate font-medium">
                <HostText value={name} max={60} />
              </Link>
              <Link
                to="/compliance/cves/$id"
                params={{ id: cveId }}
                className="mono quiet-link text-[12px] font-normal"
              >
                {cveId}
              </Link>
              <time dateTime={breachAt} title={exactTime(breachAt)} className="text-right text-12 text-ink-2">
                {dayOf(breachAt)}
              </time>
            </li>
          ))}
        </ol>
      )}
      {forecast.which.length > shown.length ? (
        <Button className="mt-3 print:hidden" onClick={() => setMore(true)}>
          Show {count(forecast.which.length - shown.length)} more
        </Button>
      ) : null}
      {forecast.hosts > forecast.which.length && shown.length === forecast.which.length ? (
        <p className="mt-2 text-12 text-ink-3">and {count(forecast.hosts - forecast.which.length)} more</p>
      ) : null}
    </PagePart>
  )
}

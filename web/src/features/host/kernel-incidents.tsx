import type { HostKernelReadings } from '@rebootless/shared/contract/kernel-readings.ts'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { count } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { hostKernelReadingsQuery } from './queries.ts'

const FIRST = 6

/** Oopses, warnings, lockups and the like of the kernel's log, the latest first. */
export const KernelIncidents = ({ id }: { id: string }) => {
  const { data } = useQuery(hostKernelReadingsQuery(id))
  const [all, setAll] = useState(false)
  if (data === undefined) return null
  const { incidents, readings, unknown } = data
  return (
    <section aria-labelledby="kernel-incidents" className="border-t border-line">
      <div className="flex min-h-13 flex-wrap items-center gap-x-2 px-6 max-desk:px-4">
        <h3 id="kernel-incidents" className="text-13">
          Incidents
        </h3>
        <span className="text-12 text-ink-3">oopses, warnings, lockups and hung tasks in the kernel's log</span>
      </div>
      <div className="px-6 pb-6 max-desk:px-4">
        {unknown !== null ? <p className="text-old-text">{unknown}</p> : null}
        {unknown === null && incidents.length === 0 ? <p className="text-ink-3">None since the boot.</p> : null}
        {readings !== null && readings.log.lost > 0 ? (
          <p className="text-old-text">
            {count(readings.log.lost)} records of this boot were overwritten before the agent read them.
          </p>
        ) : null}
        <ol>
          {incidents.slice(0, all ? incidents.length : FIRST).map((incident) => (
            <Incident key={`${incident.bootId} ${incident.sequence}`} incident={incident} />
          ))}
        </ol>
        {!all && incidents.length > FIRST ? (
          <Button onClick={() => setAll(true)}>Show {count(incidents.length - FIRST)} more</Button>
        ) : null}
      </div>
    </section>
  )
}

const Incident = ({ incident }: { incident: HostKernelReadings['incidents'][number] }) => {
  const { at, kind, text, patched, function: where } = incident
  return (
    <li className="grid grid-cols-[104px_1fr] gap-x-3 border-t border-line py-2 first:border-0 max-desk:grid-cols-1">
      <span className="text-12">
        <span className="font-medium text-danger-text first-letter:uppercase">{kind}</span>
        <span className="block text-ink-3">
          <TimeAgo at={at} suffix=" ago" />
        </span>
      </span>
      <span className="min-w-0">
        <code className="mono block text-[12px] wrap-anywhere text-ink">
          <HostText value={text} max={300} />
        </code>
        {patched !== null ? (
          <span className="block text-12 text-ink-2">
            <code className="mono">
              <HostText value={patched.function} max={128} />
            </code>{' '}
            {patched.own ? 'of the livepatch' : 'stands in its trace, which is changed by the livepatch'}{' '}
            <code className="mono">
              <HostText value={patched.patch} max={64} />
            </code>
            {patched.own ? ' stands in its trace' : ''}
          </span>
        ) : where !== null ? (
          <span className="block text-12 text-ink-3">
            in{' '}
            <code className="mono">
              <HostText value={where} max={128} />
            </code>
            ; no livepatch bears on its trace
          </span>
        ) : null}
      </span>
    </li>
  )
}

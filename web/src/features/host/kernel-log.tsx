import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { clockTime, count, dayOf, exactTime } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'

const FIRST = 12

/** What the kernel itself said of livepatches, the latest first. A boot begins its numbers anew. */
export const KernelLog = ({ events }: { events: HostDetail['kernelEvents'] }) => {
  const [all, setAll] = useState(false)
  const latest = [...events].reverse()
  return (
    <section aria-labelledby="kernel-log" className="border-t border-line">
      <div className="flex min-h-13 items-center gap-2 px-6 max-desk:px-4">
        <h3 id="kernel-log" className="text-13">
          The kernel's log
        </h3>
        <span className="text-12 text-ink-3">livepatch's own records, the latest first</span>
      </div>
      {events.length === 0 ? (
        <p className="px-6 pb-6 text-ink-3 max-desk:px-4">No record since the boot, or the log could not be read.</p>
      ) : (
        <ol className="px-6 pb-6 max-desk:px-4">
          {latest.slice(0, all ? latest.length : FIRST).map((event, index, shown) => (
            <li
              key={`${event.sequence} ${event.at}`}
              className="grid min-h-7 grid-cols-[64px_1fr] items-baseline gap-x-3 border-t border-line py-1"
            >
              {index > 0 && dayOf(shown[index - 1]?.at ?? event.at) === dayOf(event.at) ? null : (
                <span className="col-span-2 text-11 font-medium text-ink-3">{dayOf(event.at)}</span>
              )}
              <time dateTime={event.at} title={exactTime(event.at)} className="text-12 text-ink-3">
                {clockTime(event.at)}
              </time>
              <code
                className={`mono text-[12px] wrap-anywhere ${event.kind === 'enable_failed' || event.kind === 'forced' ? 'font-medium text-danger-text' : 'text-ink-2'}`}
              >
                <HostText value={event.text} max={512} />
              </code>
            </li>
          ))}
        </ol>
      )}
      {!all && latest.length > FIRST ? (
        <div className="px-6 pb-6 max-desk:px-4">
          <Button onClick={() => setAll(true)}>Show {count(latest.length - FIRST)} more</Button>
        </div>
      ) : null}
    </section>
  )
}

import type { GapHost, HostHours } from '@rebootless/shared/contract/host-hours.ts'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { count, exactTime, plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { OriginMark } from '../../../ui/origin-mark.tsx'
import { hoursWord } from './hours-words.ts'

const FIRST = 5
const GAPS_SHOWN = 3

/** Hosts that were exposed again after a fix had been in effect: when, and whether an upgrade was going on. */
export const GapHosts = ({ told }: { told: HostHours }) => {
  const [all, setAll] = useState(false)
  const { gapHosts, gapHostCount } = told
  const shown = all ? gapHosts : gapHosts.slice(0, FIRST)
  return (
    <div className="mt-5">
      <h3 className="text-12 font-semibold">
        Exposed again after a fix{' '}
        <span className="font-normal text-ink-3">
          on {plural(gapHostCount, 'host')}
          {gapHostCount > gapHosts.length ? `; the ${count(gapHosts.length)} with the most hours are listed` : ''}
        </span>
      </h3>
      <ul aria-label="Hosts that were exposed again" className="mt-1 divide-y divide-line border-y border-line">
        {shown.map((host) => (
          <Host key={host.host.id} told={host} />
        ))}
      </ul>
      {gapHosts.length > shown.length ? (
        <Button className="mt-3" onClick={() => setAll(true)}>
          Show {count(gapHosts.length - shown.length)} more
        </Button>
      ) : null}
    </div>
  )
}

const Host = ({ told: { host, removed, hours, gaps, gapCount } }: { told: GapHost }) => {
  const [all, setAll] = useState(false)
  const newest = [...gaps].reverse()
  const shown = all ? newest : newest.slice(0, GAPS_SHOWN)
  const older = gapCount - shown.length
  return (
    <li className="grid gap-x-6 gap-y-1 py-2 desk:grid-cols-[minmax(140px,0.4fr)_88px_minmax(0,1fr)]">
      <span className="flex min-w-0 items-center gap-2 self-start">
        {removed ? (
          <span className="truncate font-medium">
            <HostText value={host.name} max={80} />
          </span>
        ) : (
          <Link
            to="/hosts/$id"
            params={{ id: host.id }}
            search={{ tab: 'exposure' }}
            className="quiet-link min-w-0 truncate font-medium touch:py-2"
          >
            <HostText value={host.name} max={80} />
          </Link>
        )}
        <OriginMark origin={host.origin} brief />
        {removed ? <span className="text-12 text-ink-3">removed since</span> : null}
      </span>
      <span className="font-medium text-danger-text">{hoursWord(hours)}</span>
      <span className="grid min-w-0 gap-0.5 text-12 text-ink-2">
        {shown.map(({ from, to, goesOn, inTransition, hours: ofGap }) => (
          <span key={from}>
            {goesOn ? `Since ${exactTime(from)}` : `${exactTime(from)} to ${exactTime(to)}`}
            <span className="text-ink-3">
              {gapCount > 1 ? `, ${hoursWord(ofGap)}` : ''}
              {inTransition ? ', with a livepatch in transition, as in an upgrade' : ', no transition was seen'}
              {goesOn ? '; it goes on' : ''}
            </span>
          </span>
        ))}
        {older > 0 ? (
          gaps.length > shown.length ? (
            <button type="button" className="quiet-link w-fit text-left touch:py-2" onClick={() => setAll(true)}>
              and {plural(older, 'earlier gap')}
            </button>
          ) : (
            <span className="text-ink-3">and {plural(older, 'earlier gap')}</span>
          )
        ) : null}
      </span>
    </li>
  )
}

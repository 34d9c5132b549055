import type { FleetSummary } from '@rebootless/shared/contract/fleet.ts'
import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { Link } from '@tanstack/react-router'
import { Changing } from '../../ui/changing.tsx'
import { count, plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { OriginMark } from '../../ui/origin-mark.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { ProgressCurve } from './progress-curve.tsx'

/** The transitions that run now, the most urgent first, each with its share of tasks on old code. */
export const UnderWay = ({ summary }: { summary: FleetSummary }) => {
  const { underWay, transitions } = summary
  return (
    <section aria-labelledby="under-way" className="border-b border-line">
      <div className="flex min-h-13 flex-wrap items-center gap-x-2 px-6 py-2 max-desk:px-4">
        <h2 id="under-way" className="text-13">
          Transitions under way
        </h2>
        <span className="text-12 text-ink-3">
          {transitions.hosts === 0
            ? 'none'
            : `${plural(transitions.hosts, 'host')}, ${count(transitions.tasksRemaining)} of ${count(transitions.tasksTotal)} tasks still to switch`}
        </span>
        {transitions.hosts > underWay.length ? (
          <Link
            to="/hosts"
            search={{ filter: 'state:stalled,patching,unpatching' }}
            className="quiet-link ml-auto text-12"
          >
            All {count(transitions.hosts)}
          </Link>
        ) : null}
      </div>
      {underWay.length === 0 ? (
        <p className="px-6 pb-5 text-ink-3 max-desk:px-4">
          A transition appears here within a second of its start, and leaves when its last task has switched.
        </p>
      ) : (
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(176px,1fr))] gap-y-4 overflow-hidden pb-5 max-desk:grid-cols-2">
          {underWay.map((host) => (
            <Running key={host.id} host={host} />
          ))}
        </ul>
      )}
    </section>
  )
}

const Running = ({ host }: { host: HostSummary }) => {
  const { transition } = host
  if (!transition) return null
  const stalled = host.state === 'stalled'
  return (
    <li className="relative min-w-0 -ml-px border-l border-line px-6 transition-colors hover:bg-hover max-desk:px-4">
      <Link
        to="/hosts/$id"
        params={{ id: host.id }}
        search={{ tab: 'transition' }}
        className="flex items-center gap-1.5 font-medium after:absolute after:inset-0"
      >
        <StateGlyph state={host.state} />
        <span className="truncate">
          <HostText value={host.name} max={80} />
        </span>
        <span className="sr-only">{host.state}</span>
      </Link>
      <p className="mono truncate text-ink-3">
        <HostText value={transition.patch} max={64} />
      </p>
      <ProgressCurve hostId={host.id} transition={transition} stalled={stalled} />
      <div className="mt-1.5 flex flex-wrap items-center justify-between gap-x-2 font-medium">
        <p>
          <Changing value={count(transition.tasksRemaining)} />
          <span className="font-normal text-ink-3"> of {count(transition.tasksTotal)}</span>
        </p>
        <OriginMark origin={host.origin} brief />
      </div>
      <p className={`text-12 ${stalled ? 'text-old-text' : 'text-ink-3'}`}>
        {stalled ? `${count(transition.blockingTotal)} in the way, ` : ''}
        <TimeAgo at={transition.startedAt} />
      </p>
    </li>
  )
}

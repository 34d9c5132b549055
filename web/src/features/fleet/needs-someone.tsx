import type { FleetCause } from '@rebootless/shared/contract/fleet.ts'
import { Link } from '@tanstack/react-router'
import { plural } from '../../ui/duration.ts'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import { OriginMark } from '../../ui/origin-mark.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'

/** What waits for a person, by cause and never by host, most urgent first. */
export const NeedsSomeone = ({ causes }: { causes: readonly FleetCause[] }) => {
  const hosts = causes.reduce((sum, cause) => sum + cause.hostCount, 0)
  return (
    <section aria-labelledby="needs-someone">
      <div className="flex min-h-13 items-center justify-between gap-2 border-b border-line px-6 max-desk:px-4 desk:px-5">
        <h2 id="needs-someone" className="text-13">
          Needs someone
        </h2>
        <span className="text-12 text-ink-3">
          {causes.length === 0 ? '' : `${plural(causes.length, 'cause')}, ${plural(hosts, 'host')}`}
        </span>
      </div>
      {causes.length === 0 ? (
        <p className="flex gap-3 px-6 py-5 text-ink-2 max-desk:px-4 desk:px-5">
          <span className="pt-0.5">
            <StateGlyph state="patched" />
          </span>
          Nothing waits for a person. What stalls, fails or falls silent is listed here by its cause.
        </p>
      ) : (
        <ul>
          {causes.map((cause) => (
            <Cause key={cause.key} cause={cause} />
          ))}
        </ul>
      )}
    </section>
  )
}

const Cause = ({ cause }: { cause: FleetCause }) => {
  const only = cause.hostCount === 1 ? cause.hosts[0] : undefined
  return (
    <li className="flex animate-appear gap-3 border-b border-line px-6 py-3.5 max-desk:px-4 desk:px-5">
      <span className="pt-0.5">
        <StateGlyph state={cause.state} />
      </span>
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline justify-between gap-3">
          <h3 className="min-w-0 font-medium wrap-anywhere">
            <HostText value={cause.title} max={300} />
          </h3>
          <span className="text-12 text-ink-3">
            <TimeAgo at={cause.since} />
          </span>
        </div>
        <p
          className="mt-0.5 line-clamp-3 text-12 wrap-anywhere text-ink-3"
          title={visibleText(cause.explanation, 1000)}
        >
          <HostText value={cause.explanation} max={400} />
        </p>
        <p className="mt-1 flex flex-wrap gap-x-4 text-12 touch:py-2">
          {only ? (
            <Link
              to="/hosts/$id"
              params={{ id: only.id }}
              className="quiet-link inline-block min-h-6 min-w-0 py-0.5 wrap-anywhere"
            >
              <HostText value={only.name} max={80} />
            </Link>
          ) : (
            <Link to="/hosts" search={{ filter: cause.filter }} className="quiet-link inline-block min-h-6 py-0.5">
              {plural(cause.hostCount, 'host')}
            </Link>
          )}
          {cause.origins.map((origin) => (
            <span key={origin} className="py-1">
              <OriginMark origin={origin} />
            </span>
          ))}
          {cause.state === 'stalled' && cause.hosts[0] ? (
            <Link
              to="/hosts/$id"
              params={{ id: cause.hosts[0].id }}
              search={{ tab: 'transition' }}
              className="quiet-link inline-block min-h-6 py-0.5"
            >
              See the stack
            </Link>
          ) : null}
        </p>
      </div>
    </li>
  )
}

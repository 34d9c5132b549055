import type { AlertTimelineEntry } from '@rebootless/shared/contract/alerts.ts'
import { HostText } from '../../ui/host-text.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'

const WORDS: Readonly<Record<AlertTimelineEntry['kind'], string>> = {
  ...{ began: 'It began', fired: 'It fired', grown: 'Many more hosts have it', escalated: 'It was escalated' },
  ...{ repeated: 'It was told again', acknowledged: 'It was acknowledged', silenced: 'It was silenced' },
  ...{ 'no longer silenced': 'The silence ended', resolved: 'It is over', note: 'What was done' },
}

/** What happened to an alert, newest first, and who was told. */
export const AlertTimeline = ({ entries }: { entries: readonly AlertTimelineEntry[] }) => (
  <ol aria-label="What happened, newest first" className="grid gap-3">
    {[...entries].reverse().map(({ at, kind, by, text, channels }) => (
      <li key={`${at} ${kind} ${text}`} className="grid grid-cols-[72px_minmax(0,1fr)] items-baseline gap-x-4">
        <span className="text-12 text-ink-3">
          <TimeAgo at={at} suffix=" ago" />
        </span>
        <div className="min-w-0">
          <p className="font-medium">
            {WORDS[kind]}
            {by === null ? '' : `${kind === 'note' ? ', written' : ''} by ${by}`}
          </p>
          {text === null ? null : (
            <p className="text-ink-2">
              <HostText value={text} max={2000} />
            </p>
          )}
          {channels.length === 0 ? null : (
            <p className="text-12 text-ink-3">
              Told: <HostText value={channels.join(', ')} max={400} />
            </p>
          )}
        </div>
      </li>
    ))}
  </ol>
)

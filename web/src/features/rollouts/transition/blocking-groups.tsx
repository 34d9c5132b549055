import type { BlockingGroup, WaveTransition } from '@rebootless/shared/contract/rollout-transition.ts'
import { ChevronRight } from 'lucide-react'
import { REASON_WORDS } from '../../../ui/blocking-words.ts'
import { count, plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { TimeAgo } from '../../../ui/time-ago.tsx'
import { BlockingGroupDetail } from './blocking-group-detail.tsx'

const GRID =
  'grid grid-cols-[20px_minmax(80px,1fr)_minmax(90px,1.2fr)_minmax(120px,1.4fr)_48px_48px_64px_minmax(120px,1.6fr)] items-center gap-x-3 px-6'

/** What holds the wave's transitions back, by what it waits in: most hosts first, the first open until another is. */
export const BlockingGroups = ({
  transition,
  cause,
  onOpen,
}: {
  transition: WaveTransition
  /** The key of the open one, or `none`; undefined: the first. */
  cause: string | undefined
  onOpen: (cause: string) => void
}) => {
  const { blocking, blockingGroupTotal, stalledHostsRead, hosts } = transition
  // One that is told of no more leaves the first open.
  const isThere = cause === 'none' || blocking.some(({ key }) => key === cause)
  const open = isThere ? cause : blocking[0]?.key
  const shown = [
    blockingGroupTotal === 0 ? '' : plural(blockingGroupTotal, 'cause'),
    blockingGroupTotal > blocking.length ? `the first ${count(blocking.length)} shown` : '',
    stalledHostsRead < hosts.stalled
      ? `of the ${count(stalledHostsRead)} hosts that wait longest, of ${count(hosts.stalled)}`
      : '',
  ]
  return (
    <section aria-labelledby="wave-blocking" className="border-t border-line">
      <div className="flex min-h-13 flex-wrap items-center gap-x-2 px-6 max-desk:px-4">
        <h3 id="wave-blocking" className="text-13">
          Blocking tasks, by cause
        </h3>
        <span className="text-12 text-ink-3">{shown.filter(Boolean).join(', ')}</span>
      </div>
      {blocking.length === 0 ? (
        <p className="px-6 pb-5 text-ink-3 max-desk:px-4">
          {hosts.stalled > 0
            ? 'Hosts are stalled, and which tasks hold them could not be read: their agents need root for it.'
            : hosts.inTransition > 0
              ? 'No task is in the way. One that stays on the wrong side for two of its kernel’s retries is named here.'
              : 'No transition runs, so nothing holds one back.'}
        </p>
      ) : (
        <>
          <div
            aria-hidden
            className={`${GRID} h-8 border-b border-line text-11 font-medium text-ink-3 max-desk:hidden`}
          >
            <span />
            <span>Task</span>
            <span>Unit</span>
            <span>Held in</span>
            <span className="text-right">Hosts</span>
            <span className="text-right">Tasks</span>
            <span className="text-right">Longest</span>
            <span>Why it does not switch</span>
          </div>
          <ul>
            {blocking.map((group) => (
              <Group
                key={group.key}
                group={group}
                open={open === group.key}
                onToggle={() => onOpen(open === group.key ? 'none' : group.key)}
              />
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

const Group = ({ group, open, onToggle }: { group: BlockingGroup; open: boolean; onToggle: () => void }) => {
  const heldIn = group.heldFunction ?? group.wchan
  const id = `group-${group.key}`
  return (
    <li className={`border-b border-line last:border-b-0 ${open ? 'bg-paper/60' : ''}`}>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={onToggle}
        className={`w-full py-2 text-left transition-colors hover:bg-hover focus-visible:-outline-offset-2 desk:min-h-9 ${GRID} max-desk:flex max-desk:min-h-14 max-desk:flex-wrap max-desk:px-4`}
      >
        <ChevronRight
          size={14}
          aria-hidden
          className={`text-ink-3 transition-transform duration-(--motion-calm) ${open ? 'rotate-90' : ''}`}
        />
        <span className="mono truncate text-[12px] font-medium">
          <HostText value={`${group.comm}${group.isFamily ? '*' : ''}`} max={65} />
        </span>
        <span className="truncate text-ink-2">
          {group.kernelThread ? 'kernel thread' : <HostText value={group.unit ?? 'no unit'} max={80} />}
        </span>
        <span className="mono truncate text-[12px] text-old-text">
          {heldIn === null ? <span className="text-ink-3">not read</span> : <HostText value={heldIn} max={100} />}
        </span>
        <span className="font-medium desk:text-right">
          {count(group.hostCount)}
          <span className="desk:sr-only"> {group.hostCount === 1 ? 'host' : 'hosts'}</span>
        </span>
        <span className="text-ink-2 desk:text-right">
          {count(group.taskCount)}
          <span className="desk:sr-only"> {group.taskCount === 1 ? 'task' : 'tasks'}</span>
        </span>
        <span className="font-medium desk:text-right">
          <TimeAgo at={group.since} />
        </span>
        <span className="truncate text-12 text-ink-2 max-desk:w-full">{REASON_WORDS[group.reason]}</span>
      </button>
      {open ? (
        <div id={id}>
          <BlockingGroupDetail group={group} />
        </div>
      ) : null}
    </li>
  )
}

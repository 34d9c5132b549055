import { HostText } from '../../../ui/host-text.tsx'
import { TimeAgo } from '../../../ui/time-ago.tsx'
import { StageMark } from '../phase-mark.tsx'
import { STAGE_WORDS } from '../stage-words.ts'
import type { RolloutHost } from './rollout-hosts.ts'

const WIDTH = 288
const GAP = 8
const HEIGHT = 132

/** What a cell stands for, beside it and never over it. */
export const HostTip = ({ host, cell }: { host: RolloutHost; cell: DOMRect }) => {
  const fits = cell.right + GAP + WIDTH < window.innerWidth
  const left = fits ? cell.right + GAP : Math.max(GAP, Math.min(cell.left, window.innerWidth - WIDTH - GAP))
  const below = cell.bottom + GAP + HEIGHT < window.innerHeight
  const top = fits
    ? Math.max(GAP, Math.min(cell.top - GAP, window.innerHeight - HEIGHT - GAP))
    : below
      ? cell.bottom + GAP
      : Math.max(GAP, cell.top - GAP - HEIGHT)
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none fixed z-20 rounded-pop border border-line-2 bg-raised px-3 py-2.5 text-12 shadow-pop"
      style={{ left, top, width: WIDTH }}
    >
      <p className="truncate text-13 font-semibold">
        <HostText value={host.name} max={80} />
      </p>
      <p className="mt-1 flex items-center gap-1.5">
        <StageMark stage={host.stage} />
        <span className="text-ink-3">
          for <TimeAgo at={host.since} />
        </span>
      </p>
      <p className="mt-1 line-clamp-3 wrap-anywhere text-ink-2">
        <HostText value={host.why ?? STAGE_WORDS[host.stage].meaning} max={300} />
      </p>
    </div>
  )
}

import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { count } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { OriginMark } from '../../ui/origin-mark.tsx'
import { StateLabel } from '../../ui/state-glyph.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'

const WIDTH = 272
const GAP = 8
const HEIGHT = 210

/** What a cell stands for. Never covers its cell: beside it, where there is room. */
export const CellPopover = ({ host, cell }: { host: HostSummary; cell: DOMRect }) => {
  const right = cell.right + GAP + WIDTH < window.innerWidth
  const left = right ? cell.right + GAP : Math.max(GAP, cell.left - GAP - WIDTH)
  const below = left < cell.right && left + WIDTH > cell.left
  const top = below ? cell.bottom + GAP : Math.max(GAP, Math.min(cell.top - GAP, window.innerHeight - HEIGHT - GAP))
  const row = 'flex justify-between gap-4'
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none fixed z-20 animate-appear rounded-pop border border-line-2 bg-raised text-12 shadow-pop"
      style={{ left, top, width: WIDTH }}
    >
      <div className="border-b border-line px-3 py-2.5">
        <p className="truncate text-13 font-semibold">
          <HostText value={host.name} max={80} />
        </p>
        <p className="mt-1">
          <StateLabel
            state={host.state}
            note={
              <>
                {' '}
                for <TimeAgo at={host.stateSince} />
              </>
            }
          />{' '}
          <OriginMark origin={host.origin} />
        </p>
      </div>
      <dl className="grid gap-1 px-3 py-2.5 text-ink-3">
        {host.transition ? (
          <div className={row}>
            <dt>Still to switch</dt>
            <dd className="text-ink">
              {count(host.transition.tasksRemaining)} of {count(host.transition.tasksTotal)}
            </dd>
          </div>
        ) : null}
        {host.patches[0] ? (
          <div className={row}>
            <dt>Patch</dt>
            <dd className="mono truncate text-ink">
              <HostText value={host.patches.at(-1)?.name ?? ''} max={40} />
            </dd>
          </div>
        ) : null}
        <div className={row}>
          <dt>Kernel</dt>
          <dd className="mono truncate text-ink">
            <HostText value={host.kernelRelease} max={40} />
          </dd>
        </div>
      </dl>
    </div>
  )
}

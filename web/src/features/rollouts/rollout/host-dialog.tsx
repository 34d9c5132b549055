import { Link } from '@tanstack/react-router'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { DialogHead } from '../../../ui/dialog-head.tsx'
import { exactTime } from '../../../ui/duration.ts'
import { HostText, visibleText } from '../../../ui/host-text.tsx'
import { TimeAgo } from '../../../ui/time-ago.tsx'
import { StageMark } from '../phase-mark.tsx'
import { STAGE_WORDS } from '../stage-words.ts'
import type { RolloutHost } from './rollout-hosts.ts'

/** One host in this rollout: what it is at, why, and the ways on from there. */
export const HostDialog = ({
  host,
  waveName,
  refusal,
  onExclude,
  onClose,
}: {
  host: RolloutHost
  /** Null: no wave takes it. */
  waveName: string | null
  /** Why it cannot be left out now; null: it can. */
  refusal: string | null
  onExclude: () => void
  onClose: () => void
}) => (
  <Dialog label={visibleText(host.name, 80)} onClose={onClose} className="max-w-[440px] overflow-y-auto">
    <DialogHead title={<HostText value={host.name} max={80} />} onClose={onClose} />
    <div className="grid gap-3.5 p-4">
      <div>
        <p className="flex flex-wrap items-center gap-x-1.5">
          <StageMark stage={host.stage} />
          <span className="text-ink-3" title={exactTime(host.since)}>
            for <TimeAgo at={host.since} full />
          </span>
        </p>
        <p className="mt-1 wrap-anywhere text-ink-2">
          <HostText value={host.why ?? STAGE_WORDS[host.stage].meaning} max={1000} />
        </p>
      </div>
      <dl className="grid grid-cols-[72px_minmax(0,1fr)] gap-y-1 text-12">
        <dt className="text-ink-3">Wave</dt>
        <dd>
          {waveName === null || host.wave === null ? (
            'none'
          ) : (
            <>
              {host.wave + 1} <HostText value={waveName} max={60} />
            </>
          )}
        </dd>
        <dt className="text-ink-3">Orders</dt>
        <dd>{host.attempt === 0 ? 'none yet' : host.attempt}</dd>
      </dl>
      <div className="flex flex-wrap items-center gap-2">
        <Link to="/hosts/$id" params={{ id: host.id }} data-autofocus className={buttonClass('primary', 'large')}>
          Open the host
        </Link>
        <Button size="large" aria-haspopup="dialog" disabled={refusal !== null} onClick={onExclude}>
          Leave it out…
        </Button>
      </div>
      {refusal === null ? null : <p className="text-12 text-ink-3">{refusal}</p>}
    </div>
  </Dialog>
)

import type { FleetFreeze } from '@rebootless/shared/contract/commands-api.ts'
import { isLiftAsked } from '@rebootless/shared/domain/freeze-lift.ts'
import { OctagonPause } from 'lucide-react'
import { Button } from '../../ui/button.tsx'
import { useNow } from '../../ui/clock.ts'
import { HostText } from '../../ui/host-text.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'

/** On every page while nothing may be changed: who stopped it, when and why, and the way on. */
export default function FreezeBand({ freeze, onLift }: { freeze: FleetFreeze; onLift: () => void }) {
  const now = useNow()
  const asked = isLiftAsked(freeze.liftAskedAt === null ? null : Date.parse(freeze.liftAskedAt), now)
  return (
    <section
      aria-label="All changes are stopped"
      className="flex min-h-11 animate-appear flex-wrap items-center gap-x-2.5 gap-y-1.5 border-b border-danger-fill bg-danger-tint px-6 py-1.5 text-danger-text max-desk:px-4"
    >
      <OctagonPause size={16} aria-hidden className="flex-none" />
      <p className="min-w-0 flex-1 basis-60 wrap-anywhere">
        <b className="font-semibold">All changes are stopped.</b>{' '}
        {freeze.changedBy === null ? null : (
          <>
            <HostText value={freeze.changedBy} max={64} />
            {freeze.changedAt === null ? null : (
              <>
                , <TimeAgo at={freeze.changedAt} suffix=" ago" />
              </>
            )}
            {freeze.reason === null ? '.' : ': '}
          </>
        )}
        {freeze.reason === null ? null : <HostText value={freeze.reason} max={500} />}
        {asked && freeze.liftAskedBy !== null ? (
          <span className="block font-medium">
            <HostText value={freeze.liftAskedBy} max={64} /> has asked to lift it: one more person has to.
          </span>
        ) : null}
      </p>
      <Button onClick={onLift}>Let changes go on</Button>
    </section>
  )
}

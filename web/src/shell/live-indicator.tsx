import { useLiveStatus } from '../live/live-store.ts'
import { useNow } from '../ui/clock.ts'
import { briefDuration, exactTime } from '../ui/duration.ts'

/** Whether the page is fed, and how old what it shows is. `updatedAt` in milliseconds; 0 before the first answer. */
export const LiveIndicator = ({ updatedAt }: { updatedAt: number }) => {
  const { connection } = useLiveStatus()
  const now = useNow()
  const dot = {
    live: 'bg-new-fill ring-new-tint',
    starting: 'bg-ink-4 ring-sunken',
    lost: 'bg-transparent border-[1.5px] border-dashed border-none-fill ring-transparent',
  }[connection]
  const word = { live: 'Live', starting: 'Connecting', lost: 'Not live' }[connection]
  return (
    <span className="inline-flex items-center gap-2 text-12 font-medium whitespace-nowrap">
      <i className={`size-[7px] rounded-full ring-3 ${dot}`} aria-hidden />
      {word}
      {updatedAt > 0 ? (
        <span className="font-normal text-ink-3">
          <time dateTime={new Date(updatedAt).toISOString()} title={`These data came ${exactTime(updatedAt)}`}>
            {briefDuration(now - updatedAt)} old
          </time>
        </span>
      ) : null}
    </span>
  )
}

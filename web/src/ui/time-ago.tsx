import { useNow } from './clock.ts'
import { briefDuration, exactTime, fullDuration } from './duration.ts'

/** How long ago, with the exact time on hover. `full` gives the two largest units; `suffix` is what follows. */
export const TimeAgo = ({ at, full = false, suffix = '' }: { at: string; full?: boolean; suffix?: string }) => {
  const length = useNow() - Date.parse(at)
  return (
    <time dateTime={at} title={exactTime(at)} className="whitespace-nowrap">
      {full ? fullDuration(length) : briefDuration(length)}
      {suffix}
    </time>
  )
}

import { exactTime } from './duration.ts'
import { TimeAgo } from './time-ago.tsx'

/**
 * When something was last heard. While its words come regularly that is `now`: a page is not told of each of them, and
 * an age that was counted here would grow without being true.
 */
export const LastSeen = ({ at, regular, suffix = '' }: { at: string | null; regular: boolean; suffix?: string }) => {
  if (at === null) return 'never'
  if (!regular) return <TimeAgo at={at} suffix={suffix} />
  return <span title={`at ${exactTime(at)} or later`}>now</span>
}

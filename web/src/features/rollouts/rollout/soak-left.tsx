import { useNow } from '../../../ui/clock.ts'
import { fullDuration } from '../../../ui/duration.ts'

/**
 * What is left of a soak, counting down between two answers. The rollout's own clock stands while nobody drives it, so
 * each answer rules.
 */
export const SoakLeft = ({ seconds, asOf, counts }: { seconds: number; asOf: string; counts: boolean }) => {
  const now = useNow()
  const passed = counts ? Math.max(0, now - Date.parse(asOf)) : 0
  return <span className="whitespace-nowrap">{fullDuration(Math.max(0, seconds * 1000 - passed))}</span>
}

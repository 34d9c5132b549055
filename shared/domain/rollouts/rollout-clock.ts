import type { RolloutHead } from '../../contract/rollouts-api.ts'

type Clock = RolloutHead['clock']

/** What passes between two steps counts up to this: a soak that nobody watches is none. */
const WATCHED_MS_MAX = 60_000
const BACK_MS_MAX = 5_000
const FORWARD_MS_MAX = 10 * 60_000
/** How long the clock must go evenly before anything is begun by it again. */
const DOUBT_MS = 60_000

/**
 * The rollout's own clock: it goes on only from step to step, and never far, so that soaks, stalls and silences are
 * times that somebody saw pass. A clock that jumps, or a leader that slept for hours, ends none of them (T21).
 * @returns `jumped`: milliseconds, null: it went evenly
 */
export const advanceClock = (clock: Clock, now: number): { clock: Clock; jumped: number | null } => {
  const passed = now - Date.parse(clock.at)
  const jumped = passed < -BACK_MS_MAX || passed > FORWARD_MS_MAX
  const watched = clock.watched + (jumped ? 0 : Math.round(Math.min(WATCHED_MS_MAX, Math.max(0, passed))))
  const doubtUntil = jumped ? watched + DOUBT_MS : clock.doubtUntil
  return { clock: { at: new Date(now).toISOString(), watched, doubtUntil }, jumped: jumped ? passed : null }
}

export const isInDoubt = ({ watched, doubtUntil }: Clock): boolean => watched < doubtUntil

const UNITS = [
  ['day', 24 * 60 * 60_000],
  ['hour', 60 * 60_000],
  ['minute', 60_000],
] as const

/** `12 minutes`, `2 days`: rounded down to the greatest unit. */
export const spanText = (milliseconds: number): string => {
  for (const [unit, size] of UNITS) {
    const count = Math.floor(milliseconds / size)
    if (count > 0) return `${count} ${unit}${count === 1 ? '' : 's'}`
  }
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  return `${seconds} second${seconds === 1 ? '' : 's'}`
}

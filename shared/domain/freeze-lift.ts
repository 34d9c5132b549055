/** How long somebody's wish to lift the freeze may wait for the second person (threat-model T28). */
const LIFT_ASKED_MS_MAX = 60 * 60_000

/** Whether somebody's wish to lift the freeze still counts. Times in milliseconds; null: nobody has asked. */
export const isLiftAsked = (askedAt: number | null, now: number): boolean =>
  askedAt !== null && now - askedAt <= LIFT_ASKED_MS_MAX

const FIRST_MS = 5_000
const MOST_MS = 60 * 60_000
const FACTOR = 4

/**
 * How long a channel rests after so many failures one after another: 5 s, 20 s, 80 s, 5 min, 21 min, then an hour each;
 * half of it by chance, so that channels of one receiver do not all come back at once.
 * @param chance from 0 to 1
 */
export const retryDelayMs = (failures: number, chance: number): number => {
  const whole = Math.min(MOST_MS, FIRST_MS * FACTOR ** Math.min(failures - 1, 10))
  return Math.round(whole * (0.5 + chance / 2))
}

/** What a receiver can't or won't take: the same body again gets the same answer (RFC 9110, 15.5). */
const REFUSALS: ReadonlySet<number> = new Set([400, 413, 415, 422])
const REFUSALS_MAX = 3

/** Given up sooner than by its age, so that one message that a receiver chokes on does not hold back all others. */
export const isRefusedForGood = (status: number | null, attempts: number): boolean =>
  status !== null && REFUSALS.has(status) && attempts >= REFUSALS_MAX

/** So long a message is tried; then it is kept among the dead. */
export const DELIVERY_LIVES_MS = 24 * 60 * 60_000

/** Standard Webhooks, "Delivery success and failure": the receiver wants no more. */
export const isGone = (status: number | null): boolean => status === 410

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

const REFUSALS_MAX = 3

/**
 * What a receiver's answer means for the message. `refused`: the same again gets the same answer. `gone`: it wants no more, of
 * any message. `failed`: all else, such as a wrong password or a full disk, which somebody mends or time does.
 */
export const VERDICTS = ['delivered', 'failed', 'refused', 'gone'] as const
export type Verdict = (typeof VERDICTS)[number]

/** RFC 9110, 15.5. */
const REFUSALS: ReadonlySet<number> = new Set([400, 413, 415, 422])

/** Of an HTTP answer; 410: Standard Webhooks, "Delivery success and failure". */
export const verdictOf = (status: number): Verdict => {
  if (status >= 200 && status < 300) return 'delivered'
  if (status === 410) return 'gone'
  return REFUSALS.has(status) ? 'refused' : 'failed'
}

/** Given up sooner than by its age, so that one message that a receiver chokes on does not hold back all others. */
export const isRefusedForGood = (verdict: Verdict, attempts: number): boolean =>
  verdict === 'refused' && attempts >= REFUSALS_MAX

/** Retry-After (RFC 9110, 10.2.3): seconds or a date. @returns null: there is none that one could follow */
export const retryAfterMs = (header: string | null, now: Date): number | null => {
  if (header === null) return null
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now.getTime()
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, MOST_MS) : null
}

/** So long a message is tried; then it is kept among the dead. */
export const DELIVERY_LIVES_MS = 24 * 60 * 60_000

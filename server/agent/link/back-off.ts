export const BACK_OFF = { baseMs: 500, capMs: 60_000 } as const

/**
 * How long to wait before the next attempt, milliseconds: exponential back-off with full jitter, so that agents which
 * lost their server together do not come back together ("Exponential Backoff And Jitter", AWS Architecture Blog,
 * 2015). `random` gives numbers from 0 to below 1.
 */
export const backOffMs = (
  attempt: number,
  random: () => number,
  limits: { baseMs: number; capMs: number } = BACK_OFF,
) => Math.floor(random() * Math.min(limits.capMs, limits.baseMs * 2 ** Math.min(attempt, 30)))

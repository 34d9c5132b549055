/** A token bucket: so much at once, so much a second after that. */
export interface RateLimit {
  readonly burst: number
  readonly perSecond: number
}

/** Takes `amount` at time `nowMs` (any clock that never goes back); false when that is more than is left. */
export const createRate = (limit: RateLimit, startMs: number) => {
  let left = limit.burst
  let filledAt = startMs
  return {
    take(amount: number, nowMs: number): boolean {
      left = Math.min(limit.burst, left + (Math.max(0, nowMs - filledAt) / 1000) * limit.perSecond)
      filledAt = nowMs
      if (amount > left) return false
      left -= amount
      return true
    },
  }
}

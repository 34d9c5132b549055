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
    /** Takes one, now or on credit; milliseconds until it would have been there. */
    waitFor(nowMs: number): number {
      left = Math.min(limit.burst, left + (Math.max(0, nowMs - filledAt) / 1000) * limit.perSecond) - 1
      filledAt = nowMs
      return left >= 0 ? 0 : (-left / limit.perSecond) * 1000
    },
  }
}
export type Rate = ReturnType<typeof createRate>

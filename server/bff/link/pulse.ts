/** Of a link over which words go to and fro so many pings are left out; the next one measures the round trip anew. */
const LEFT_OUT_MAX = 5

/**
 * Whether the other end of a link still lives, asked at each interval. A ping is for silence: while an agent is heard
 * and answered, both ends know of each other without one, which for ten thousand agents halves the frames.
 */
export const createPulse = () => {
  let heard = false
  let answered = false
  let leftOut = 0
  let pingSentAtMs: number | undefined
  let unanswered = 0
  return {
    heard(): void {
      heard = true
    },
    answered(): void {
      answered = true
    },
    beat(nowMs: number): 'ping' | 'wait' | 'cut' {
      const lively = heard && answered
      heard = false
      answered = false
      if (pingSentAtMs !== undefined) {
        // Once may be our own fault: after a pause of this process, timers come before what the network brought.
        unanswered += 1
        return unanswered === 1 ? 'wait' : 'cut'
      }
      if (lively && leftOut < LEFT_OUT_MAX) {
        leftOut += 1
        return 'wait'
      }
      leftOut = 0
      pingSentAtMs = nowMs
      return 'ping'
    },
    /** @returns the round trip in milliseconds; undefined when no ping was on its way */
    ponged(nowMs: number): number | undefined {
      if (pingSentAtMs === undefined) return undefined
      const roundTripMs = nowMs - pingSentAtMs
      pingSentAtMs = undefined
      unanswered = 0
      return roundTripMs
    },
  }
}

import { clockSkewMs } from '@rebootless/shared/domain/agent-link.ts'

/** Skews that differ by less are one: it spares the store a write with each heartbeat. */
const SKEW_CHANGE_MS = 250

interface TimedReading {
  readonly sentAt: string
  readonly receivedAt: Date
}

/** How far the clock at the other end of a link is off ours; what comes before the first round trip is judged with it. */
export const createSkewMeter = (report: (skewMs: number) => Promise<void>) => {
  let roundTripMs: number | undefined
  let unmeasured: TimedReading | undefined
  let reportedMs: number | undefined

  const said = async (reading: TimedReading): Promise<void> => {
    if (roundTripMs === undefined) {
      unmeasured = reading
      return
    }
    const skewMs = clockSkewMs({ ...reading, roundTripMs })
    if (reportedMs !== undefined && Math.abs(skewMs - reportedMs) < SKEW_CHANGE_MS) return
    await report(skewMs)
    reportedMs = skewMs
  }
  return {
    /** A message says what time it is there. */
    said,
    /** A ping was answered. */
    async measured(milliseconds: number): Promise<void> {
      roundTripMs = milliseconds
      const reading = unmeasured
      unmeasured = undefined
      if (reading !== undefined) await said(reading)
    },
    /** What was measured over an earlier link; null: nothing. */
    known(skewMs: number | null): void {
      reportedMs ??= skewMs ?? undefined
    },
  }
}

import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '../clock.ts'

/** The machine's own clocks. `process.hrtime` is CLOCK_MONOTONIC on Linux: clock_gettime(2). */
export const createSystemClock = (): Clock => ({
  now: () => Date.now(),
  monotonicMicroseconds: () => Number(process.hrtime.bigint() / 1000n),
  async sleep(milliseconds, signal) {
    try {
      await wait(milliseconds, undefined, { signal })
    } catch (error) {
      if (!signal?.aborted) throw error
    }
  },
})

import { KERNEL_READINGS_INTERVAL_MS } from '@rebootless/shared/contract/agent-message.ts'
import type { KernelReadings } from '@rebootless/shared/contract/kernel-readings.ts'
import type { Clock } from '../clock.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'
import { readPressure } from '../kernel/pressure.ts'
import type { KernelLogFollower } from './follow-kernel-log.ts'
import type { PatchedCode } from './incident-log.ts'

/** Pressure is a mean of minutes, so more often would tell nothing more. */
const TELL_EVERY_MS = 60_000
/** A report is written within milliseconds, but for a slow console. */
const REPORT_MS = 500

/** When to tell how the kernel fares, and what. */
export interface KernelTelling {
  /** Milliseconds until it is due; 0: now. */
  waitMs(): number
  read(about: { readonly bootId: string | null; readonly code: PatchedCode }): Promise<KernelReadings>
}

export const createKernelTelling = (fs: KernelFs, clock: Clock, log: KernelLogFollower): KernelTelling => {
  const nowMs = () => clock.monotonicMicroseconds() / 1_000
  let toldAt = Number.NEGATIVE_INFINITY
  return {
    waitMs() {
      const since = nowMs() - toldAt
      const incidentAt = log.incidentAtMs()
      const soon =
        incidentAt !== null && incidentAt >= toldAt
          ? Math.max(KERNEL_READINGS_INTERVAL_MS - since, incidentAt + REPORT_MS - nowMs())
          : Number.POSITIVE_INFINITY
      return Math.max(0, Math.ceil(Math.min(TELL_EVERY_MS - since, soon)))
    },
    async read({ bootId, code }) {
      toldAt = nowMs()
      const errno = log.failure()
      const said = log.incidents(code)
      return {
        readAt: new Date(clock.now()).toISOString(),
        bootId,
        log: errno === null ? { errno, ...said } : { ...said, errno, completeSince: null },
        ...(await readPressure(fs)),
      }
    },
  }
}

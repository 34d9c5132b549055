import type { KernelEvent } from '@rebootless/shared/contract/patch-memory.ts'
import type { Clock } from '../clock.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'
import { livepatchEvent, parseKernelLogRecord } from '../kernel/kernel-log.ts'
import { createIncidentLog, type IncidentLog } from './incident-log.ts'

/** Oldest records come in one go; so long a silence means that they are all in. */
const CAUGHT_UP_AFTER_MS = 150
const CATCH_UP_MS_MAX = 5_000
/** The log's clock drifts from CLOCK_MONOTONIC over weeks; what has just come is at most so old. */
const LIVE_AGE_MS_MAX = 1_000
const EVENTS_KEPT_MAX = 2_048

export interface KernelLogFollower {
  /** Resolves once what the log held at the start has been taken in, or when it cannot be read. */
  caughtUp(): Promise<void>
  /** Livepatch events that came since the last call, oldest first. */
  take(): KernelEvent[]
  /** errno when the log cannot be read. */
  failure(): string | null
  /** What else it tells of. */
  readonly incidents: IncidentLog['read']
  /** When the newest incident came, by the monotonic clock in milliseconds; null: none did. */
  incidentAtMs(): number | null
}

/** Follows the kernel's log and keeps what livepatch says, and incidents; `onEvent` is called for each that comes. */
export const followKernelLog = (
  fs: KernelFs,
  clock: Clock,
  signal: AbortSignal,
  onEvent: () => void,
): KernelLogFollower => {
  let events: KernelEvent[] = []
  let failed: string | null = null
  let lastRecordAt = clock.monotonicMicroseconds()
  let live = false
  const incidents = createIncidentLog(new Date(clock.now()).toISOString())
  let incidentAtMs: number | null = null

  const date = (microseconds: number): string => {
    const ageMs = Math.max(0, (clock.monotonicMicroseconds() - microseconds) / 1_000)
    return new Date(clock.now() - (live && ageMs > LIVE_AGE_MS_MAX ? 0 : ageMs)).toISOString()
  }

  const onRecord = (text: string) => {
    lastRecordAt = clock.monotonicMicroseconds()
    const record = parseKernelLogRecord(text)
    if (record === null) return
    const at = date(record.microseconds)
    if (incidents.take(record, at)) {
      incidentAtMs = clock.monotonicMicroseconds() / 1_000
      onEvent()
    }
    const event = livepatchEvent(record)
    if (event === null) return
    events.push({ ...event, at })
    if (events.length > EVENTS_KEPT_MAX) events = events.slice(-EVENTS_KEPT_MAX)
    onEvent()
  }

  const ended = fs.followKernelLog(onRecord, signal).then((result) => {
    if (!result.ok) failed = result.errno
    onEvent()
  })

  const quiet = async () => {
    const startedAt = clock.monotonicMicroseconds()
    const since = (from: number) => (clock.monotonicMicroseconds() - from) / 1_000
    while (failed === null && !signal.aborted && since(startedAt) < CATCH_UP_MS_MAX) {
      await clock.sleep(CAUGHT_UP_AFTER_MS / 3, signal)
      if (since(lastRecordAt) >= CAUGHT_UP_AFTER_MS) break
    }
    live = true
  }

  return {
    async caughtUp() {
      await Promise.race([quiet(), ended])
    },
    take() {
      const taken = events
      events = []
      return taken
    },
    failure: () => failed,
    incidents: incidents.read,
    incidentAtMs: () => incidentAtMs,
  }
}

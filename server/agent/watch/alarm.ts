import type { Clock } from '../clock.ts'

export interface Alarm {
  ring(): void
  /** Waits so long, or until it rings or has rung since the last wait; true when it rang. */
  wait(milliseconds: number): Promise<boolean>
}

/** A sleep that can be cut short. */
export const createAlarm = (clock: Clock, signal: AbortSignal): Alarm => {
  let rung = false
  let wake: AbortController | null = null
  const onAbort = () => wake?.abort()
  signal.addEventListener('abort', onAbort, { once: true })
  return {
    ring() {
      rung = true
      wake?.abort()
    },
    async wait(milliseconds) {
      if (!rung && !signal.aborted) {
        wake = new AbortController()
        await clock.sleep(milliseconds, wake.signal)
        wake = null
      }
      const was = rung
      rung = false
      return was
    },
  }
}

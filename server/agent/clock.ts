/** Time as an agent sees it; passed in, so that a recording or a simulation can run at its own pace. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number
  /** CLOCK_MONOTONIC in microseconds, the clock of /dev/kmsg; with `now()` it dates kernel log records. */
  monotonicMicroseconds(): number
  /** Resolves after so many milliseconds, or at once when `signal` is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

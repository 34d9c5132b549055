import type { Clock } from '../clock.ts'

export interface VirtualClock {
  clock: Clock
  /** Lets so much time pass, as fast as what runs in it allows. */
  advance(milliseconds: number): Promise<void>
  elapsedMs(): number
}

/**
 * A clock on which time passes only when nothing is left to do: whoever sleeps wakes in order, and a run is the same
 * each time. What runs on it must wait for nothing else.
 */
export const createVirtualClock = (epoch: number): VirtualClock => {
  let elapsed = 0
  let sleepers: { atMs: number; wake: () => void }[] = []
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  return {
    elapsedMs: () => elapsed,
    clock: {
      now: () => epoch + Math.round(elapsed),
      monotonicMicroseconds: () => Math.round(elapsed * 1_000),
      sleep: (milliseconds, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted) return resolve()
          const done = () => {
            sleepers = sleepers.filter((other) => other !== sleeper)
            signal?.removeEventListener('abort', done)
            resolve()
          }
          const sleeper = { atMs: elapsed + Math.max(0, milliseconds), wake: done }
          sleepers.push(sleeper)
          signal?.addEventListener('abort', done)
        }),
    },
    async advance(milliseconds) {
      const untilMs = elapsed + milliseconds
      await settle()
      for (;;) {
        const next = sleepers.reduce<(typeof sleepers)[number] | null>(
          (first, sleeper) => (first === null || sleeper.atMs < first.atMs ? sleeper : first),
          null,
        )
        if (next === null || next.atMs > untilMs) break
        elapsed = Math.max(elapsed, next.atMs)
        next.wake()
        await settle()
      }
      elapsed = untilMs
    },
  }
}

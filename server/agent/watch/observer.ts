import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { TASK_LOOK_INTERVAL_MS } from '@rebootless/shared/domain/agent-link.ts'
import type { HostObserver } from '../observer.ts'
import { createAlarm } from './alarm.ts'
import { createEmitter } from './emitter.ts'
import { followKernelLog } from './follow-kernel-log.ts'
import { createHostWatch, type HostWatchOptions } from './host-watch.ts'
import { createKernelTelling } from './kernel-readings.ts'
import { lookForTasks } from './look-for-tasks.ts'

export interface ObserverOptions extends HostWatchOptions {
  /** Between two looks at sysfs while the kernel's log says nothing. Default 5 s. */
  readonly lookEveryMs?: number
}

/** The kernel's log tells of changes at once; this catches what it does not tell. */
const LOOK_EVERY_MS = 5_000
/** Without the log, sysfs is all there is. */
const LOOK_EVERY_WITHOUT_LOG_MS = 2_000
/** The kernel logs a transition's end before its worker takes the replaced patches out of sysfs, which is not logged. */
const SETTLES_FOR_MS = 3_000
const LOOK_EVERY_WHILE_SETTLING_MS = 250
/** Taint, lockdown and the like, which change without a livepatch. */
const READ_ALL_EVERY_MS = 60_000
const TASKS_EVERY_MS = 500
/** Records come in bursts: a load writes three within milliseconds. */
const DEBOUNCE_MS = 20
/** The first snapshot leaves no tool out, unless one keeps it waiting: a server would take what is left out for gone. */
const FIRST_SNAPSHOT_WITHIN_MS = 5_000
/** A machine with very many tasks is not to be kept busy by being watched. */
const TASKS_SHARE_MAX = 0.1

/** Of two questions a minute apart the second may have had the shorter way. */
const LOOK_LATE_MS = 5_000

/** Watches one kernel: its log at once, sysfs as a backstop, tasks only while a transition runs. */
export const createObserver = (options: ObserverOptions): HostObserver => {
  const { clock, lookEveryMs = LOOK_EVERY_MS } = options
  const watch = createHostWatch(options)
  let newest: Snapshot | null = null
  let runs = false
  let readAnew = () => {}
  let tasksLookedAt = Number.NEGATIVE_INFINITY
  let turn: Promise<unknown> = Promise.resolve()

  /** Readings never overlap, whoever asks for them. */
  const exclusively = <T>(work: () => Promise<T>): Promise<T> => {
    const next = turn.then(work, work)
    turn = next.catch(() => undefined)
    return next
  }

  const readOnce = async (): Promise<Snapshot> => {
    const stop = new AbortController()
    const log = followKernelLog(options.fs, clock, stop.signal, () => undefined)
    try {
      await log.caughtUp()
      await watch.look(log.take(), log.failure())
      await watch.settle()
      // Whoever asks while it runs is answered at once.
      if (!runs) await watch.readProviders(stop.signal)
      await watch.sample()
      return await watch.snapshot(log.failure())
    } finally {
      stop.abort()
      await watch.close()
    }
  }

  return {
    refresh: () => readAnew(),
    async lookForTasks(wanted) {
      const now = clock.monotonicMicroseconds() / 1_000
      if (!runs || watch.inTransition() || now - tasksLookedAt < TASK_LOOK_INTERVAL_MS - LOOK_LATE_MS) return null
      tasksLookedAt = now
      return lookForTasks({
        ...{ fs: options.fs, clock, architecture: options.architecture, wanted, holding: watch.codeToLeave(wanted) },
        mayGoOn: () => runs && !watch.inTransition(),
      })
    },
    current: () => exclusively(async () => newest ?? readOnce()),
    async run(listener, signal) {
      const alarm = createAlarm(clock, signal)
      runs = true
      const log = followKernelLog(options.fs, clock, signal, alarm.ring)
      const kernel = createKernelTelling(options.fs, clock, log)
      await log.caughtUp()
      const emit = createEmitter(listener, clock)
      let allReadAt = Number.NEGATIVE_INFINITY
      readAnew = () => {
        allReadAt = Number.NEGATIVE_INFINITY
        watch.forgetProviders()
        alarm.ring()
      }
      let changedAt = Number.NEGATIVE_INFINITY
      let finding: Promise<void> | null = null
      let asking: Promise<void> | null = null
      const monotonicMs = () => clock.monotonicMicroseconds() / 1_000
      const beganAt = monotonicMs()
      const mayTell = () => watch.isComplete() || monotonicMs() - beganAt >= FIRST_SNAPSHOT_WITHIN_MS
      while (!signal.aborted) {
        const delayMs = await exclusively(async () => {
          const startedAt = monotonicMs()
          const changed = await watch.look(log.take(), log.failure())
          const sample = await watch.sample()
          const tookMs = monotonicMs() - startedAt
          const due = monotonicMs() - allReadAt >= READ_ALL_EVERY_MS
          const news = emit.isNews(sample)
          if (mayTell()) {
            // Whoever holds a transition back is named at once; reading all the rest takes longer than reading tasks.
            if (!changed) emit.sample(sample)
            if (changed || due || news) {
              newest = await watch.snapshot(log.failure())
              allReadAt = monotonicMs()
              emit.snapshot(newest)
            }
            if (changed) emit.sample(sample)
          }
          if (newest !== null && kernel.waitMs() === 0) {
            const { bootId } = newest.kernel
            const readings = await kernel.read({ bootId, code: watch.patchedCode() })
            listener.kernelReadings?.(readings)
          }
          if (changed) changedAt = monotonicMs()
          finding ??= watch.settle().then((learnt) => {
            finding = null
            if (learnt) alarm.ring()
          })
          asking ??= watch.readProviders(signal).then((learnt) => {
            asking = null
            if (learnt) alarm.ring()
          })
          if (watch.inTransition()) return pollMs(watch.undecidedMs(), tookMs)
          const settling = monotonicMs() - changedAt < SETTLES_FOR_MS
          if (settling) return LOOK_EVERY_WHILE_SETTLING_MS
          return log.failure() === null ? lookEveryMs : LOOK_EVERY_WITHOUT_LOG_MS
        })
        if (await alarm.wait(newest === null ? delayMs : Math.min(delayMs, kernel.waitMs())))
          await clock.sleep(DEBOUNCE_MS, signal)
      }
      await finding
      await asking
      await exclusively(watch.close)
      newest = null
      runs = false
      readAnew = () => {}
    },
  }
}

/** Also at the very moment when a task can first be called blocking. */
const pollMs = (undecidedMs: number, tookMs: number): number => {
  const paced = Math.max(TASKS_EVERY_MS, tookMs / TASKS_SHARE_MAX)
  return undecidedMs > 0 ? Math.min(paced, undecidedMs + 5) : paced
}

import type { KernelReadings } from '@rebootless/shared/contract/kernel-readings.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { TaskLook, TasksWanted } from '@rebootless/shared/contract/task-look.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'

/** What the link needs of whatever watches a kernel. */
export interface HostObserver {
  /** Runs until aborted; calls back with a snapshot whenever one differs, and with samples while a transition runs. */
  run(listener: ObserverListener, signal: AbortSignal): Promise<void>
  /** The newest snapshot, read at once if there is none yet. */
  current(): Promise<Snapshot>
  /** Has it read everything anew, tools included, as soon as that is fair to the host. */
  refresh?(): void
  /** Who sleeps in some functions now. Null: that was looked for just now, or a transition runs and tells of its own. */
  lookForTasks?(wanted: TasksWanted): Promise<TaskLook | null>
}

export interface ObserverListener {
  snapshot(snapshot: Snapshot, hash: string): void
  /** At most once a second, and each five seconds while nothing changes; `null` when the transition is over. */
  transition(sample: TransitionSample | null): void
  /** Each reading of a transition, told or not: an act goes by the newest. */
  looked?(sample: TransitionSample | null): void
  /** How the kernel fares: once a minute, and within ten seconds of an incident. */
  kernelReadings?(readings: KernelReadings): void
}

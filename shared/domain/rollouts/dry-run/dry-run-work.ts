import type { DryRunResult, HostAtRisk } from '../../../contract/dry-run.ts'
import type { RolloutPlan } from '../../../contract/rollout-plan.ts'
import type { CourseHost } from './course-host.ts'

/** A transition that a kernel's log tells of from its start to its end. */
export interface PastTransition {
  readonly seconds: number
}

/** The kernel sends its first signal after so many tries, one a second: kernel/livepatch/transition.c, SIGNALS_TIMEOUT. */
export const STALL_SECONDS = 15

/** A host as the dry run takes it: plain data, so that it can go to a thread. */
export interface DryRunHost extends CourseHost {
  readonly release: string
  readonly architecture: string
  /** Tasks at its latest transition; null: it had none that was read. */
  readonly tasks: number | null
  /** /proc/loadavg, over a quarter of an hour; null: not known. */
  readonly load: number | null
  /** Of the newest ten. */
  readonly past: readonly PastTransition[]
  /** Tasks known to sleep now in functions that the patch changes, each in a sentence. */
  readonly asleep: readonly string[]
  /** Why its kernel would refuse the patch; null: nothing is known that would. */
  readonly refusedByKernel: string | null
  /** The kernel follows stacks to their ends; null: not known. */
  readonly reliableStacks: boolean | null
}

export interface DryRunWork {
  readonly plan: RolloutPlan
  readonly id: string
  readonly seed: number
  /** Null: as many as the number of hosts lets. */
  readonly runs: number | null
  /** ISO 8601. */
  readonly beginsAt: string
  readonly hosts: readonly DryRunHost[]
  /** Functions that change, by the module that a host gets (`''`: the change names none): `OBJECT:FUNCTION`. */
  readonly functions: Readonly<Record<string, readonly string[]>>
  /** Seconds from a command's making to its beginning on a host, of the fleet's latest commands. */
  readonly deliveries: readonly number[]
  /** Seconds that vendors' tools took, of the fleet's latest updates. */
  readonly updates: readonly number[]
  readonly frozen: boolean
  /** Hosts for which approvers sign before it begins. */
  readonly signedFor: number
}

export type DryRunStage = 'simulating kernels' | 'running the rollout'

/** Where simulated machines are: outside of the backend, in a thread of their own. */
export interface DryRunSimulator {
  /**
   * @throws DomainError `rollout_refused` when it takes longer, or more memory, than it may
   * @throws the signal's reason when it is aborted
   */
  run(
    work: DryRunWork,
    options: { readonly signal: AbortSignal; onProgress(stage: DryRunStage, progress: number): void },
  ): Promise<DryRunResult>
}

export type Risk = HostAtRisk['reasons'][number]

import type { Random } from '../core/random.ts'
import type { Due } from '../core/timeline.ts'
import type { Body, FunctionKey, KernelFunction, SleepKind, TaskPlan } from './program.ts'

/** A version of a function: the original, or what a patch brought. */
export interface Code {
  readonly function: FunctionKey
  /** Name of the patch, null for the original. */
  readonly patch: string | null
}

export interface Call {
  readonly function: KernelFunction
  readonly code: Code
}

/** One level of a task's program: where it is in a body, and whose body that is. */
export interface Frame {
  readonly kind: 'root' | 'loop' | 'call' | 'system_call'
  readonly body: Body
  /** Index of the next step. */
  next: number
  /** Rounds of a loop still to come; undefined: for ever. */
  rounds?: number | undefined
  /** The function on the stack, and which version of it. */
  readonly call?: Call
  readonly systemCall?: string
}

/** `running` is on a CPU, `runnable` waits for one; the rest of the living sleep. */
export type TaskState = 'running' | 'runnable' | SleepKind | 'dead'

/** One thread. */
export interface Task {
  readonly pid: number
  readonly tid: number
  readonly kind: 'user' | 'kernel' | 'idle'
  readonly cgroup: string
  readonly uid: number
  readonly startedUs: number
  comm: string
  state: TaskState
  /** Outermost first. */
  readonly frames: Frame[]
  /** The CPU that it is on, else the last one. */
  cpu: number
  /** CPU time that its present `run` step still needs, microseconds. */
  remainingUs: number
  /** The event that ends its sleep. */
  waitsFor: string | null
  wakeUp: Due | null
  /** A signal has ended its sleep: the system call is left, and entered anew. */
  interrupted: boolean
  /** A fatal signal that it has not met yet. */
  dying: string | null
  /** Where the freezer keeps it after it left the kernel: an event, or null. */
  parkedBy: string | null
  /** What the consistency system keeps on a task: livepatch's patch_state, or kGraft's mark. */
  patchState: -1 | 0 | 1
  patchPending: boolean
  /** Its own chance; null until it is first needed. */
  random: Random | null
}

export interface TaskOrigin {
  pid: number
  tid: number
  plan: TaskPlan
  kind: Task['kind']
  startedUs: number
}

export const newTask = ({ pid, tid, plan, kind, startedUs }: TaskOrigin): Task => ({
  ...{
    pid,
    tid,
    kind,
    startedUs,
    comm: plan.comm,
    cgroup: plan.cgroup ?? '/',
    uid: plan.uid ?? 0,
    cpu: 0,
    remainingUs: 0,
  },
  state: kind === 'idle' ? 'running' : 'runnable',
  frames: [{ kind: 'root', body: plan.program, next: 0 }],
  ...{ waitsFor: null, wakeUp: null, interrupted: false, dying: null, parkedBy: null },
  ...{ patchState: -1, patchPending: false, random: null },
})

/** Functions on its kernel stack, outermost first. */
export const stackOf = (task: Task): readonly Call[] =>
  task.frames.flatMap(({ call }) => (call === undefined ? [] : [call]))

/** Kernel threads and idle tasks always are. */
export const isInKernel = (task: Task): boolean =>
  task.kind !== 'user' || task.frames.some(({ kind }) => kind === 'system_call')

export const systemCallOf = (task: Task): string | null =>
  task.frames.find(({ kind }) => kind === 'system_call')?.systemCall ?? null

export const isAsleep = ({ state }: Task): boolean =>
  state === 'interruptible' || state === 'killable' || state === 'uninterruptible' || state === 'idle'

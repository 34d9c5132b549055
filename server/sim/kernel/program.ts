import type { Span } from '../core/random.ts'

/**
 * One function of the kernel. `object` is `vmlinux` or a module's name; `sympos` counts those of the same name within
 * the object, from 1 (Documentation/livepatch/livepatch.rst).
 */
export interface KernelFunction {
  readonly object: string
  readonly name: string
  readonly sympos: number
}

/** `OBJECT,NAME,SYMPOS`, as functions are keyed everywhere in Rebootless. */
export type FunctionKey = string
export const functionKey = (of: KernelFunction): FunctionKey => {
  let key = KEYS.get(of)
  if (key === undefined) {
    key = `${of.object},${of.name},${of.sympos}`
    KEYS.set(of, key)
  }
  return key
}
/** Every call of every task asks for its key. */
const KEYS = new WeakMap<KernelFunction, FunctionKey>()

/** How a task sleeps (include/linux/sched.h): what may wake it, and the letter that ps shows: S, D, D, I. */
export type SleepKind = 'interruptible' | 'killable' | 'uninterruptible' | 'idle'

/**
 * What a task does, as data, so that a load can be stored, linked to and run again. A body runs from its first to its
 * last step; a task whose program ends has exited.
 */
export type Step =
  /** Occupies a CPU: in user mode outside `system_call`, in the kernel inside. */
  | { readonly do: 'run'; readonly us: Span }
  /** Leaves its CPU until the time is over or the event is signalled; with neither, until a signal or for ever. */
  | { readonly do: 'sleep'; readonly kind: SleepKind; readonly us?: Span; readonly event?: string }
  /** Calls a kernel function: ftrace and the consistency system say which code is reached. */
  | { readonly do: 'call'; readonly function: KernelFunction; readonly body: Body }
  /** Enters the kernel and comes back: both are safe points of kGraft, the return one of livepatch. */
  | { readonly do: 'system_call'; readonly name: string; readonly body: Body }
  /** A kernel thread's freezing point (try_to_freeze, kthread_should_stop), where kGraft may switch it. */
  | { readonly do: 'safe_point' }
  | { readonly do: 'cond_resched' }
  | { readonly do: 'fork'; readonly child: TaskPlan }
  | { readonly do: 'signal_event'; readonly event: string }
  | { readonly do: 'loop'; readonly body: Body; readonly times?: number }
  | { readonly do: 'exit' }

export type Body = readonly Step[]

export interface TaskPlan {
  readonly comm: string
  readonly kind: 'user' | 'kernel'
  /** Path in the cgroup tree, such as `/system.slice/db-writer.service`. */
  readonly cgroup?: string
  /** Of its owner; root's unless said otherwise. */
  readonly uid?: number
  readonly program: Body
}

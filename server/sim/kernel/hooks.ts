import { type Body, functionKey, type KernelFunction } from './program.ts'
import type { Code, Task } from './task.ts'

/**
 * What a consistency system may hang on a running kernel. Each is called at the moment that its name says, before the
 * task goes on; none may make a task run.
 */
export interface Hooks {
  /** ftrace's handler, or a jump: which version a call reaches. */
  redirect(task: Task, called: KernelFunction): Code
  /** What a version does; the original's body unless a patch says otherwise. */
  bodyOf(code: Code, original: Body): Body
  /** Enters the kernel by a system call. */
  kernelEntry?(task: Task): void
  /** Is about to return to user mode: from a system call, a signal, or an interrupt. */
  kernelExit?(task: Task): void
  /** A CPU has nothing to do (do_idle). */
  idle?(idleTask: Task): void
  /** Before the child first runs. */
  fork?(parent: Task, child: Task): void
  /** A task that was started by nobody in the machine, before it first runs. */
  spawned?(task: Task): void
  exit?(task: Task): void
  safePoint?(task: Task): void
  condResched?(task: Task): void
  /** Which version a handler reaches that an interrupt runs on this CPU; the original unless said. */
  redirectInterrupt?(cpu: number, interrupted: Task, called: KernelFunction): Code
}

export const originalCode = (called: KernelFunction): Code => ({ function: functionKey(called), patch: null })

/** An unpatched kernel. */
export const NO_HOOKS: Hooks = {
  redirect: (_task, called) => originalCode(called),
  bodyOf: (_code, original) => original,
}

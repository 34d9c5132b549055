import type { Procedure } from '../core/procedure.ts'
import type { Due } from '../core/timeline.ts'
import type { Task } from '../kernel/task.ts'
import { COSTS, type LivepatchEnvironment, PASS_PART_TASKS } from './environment.ts'
import type { FunctionStacks } from './function-stacks.ts'
import { functionsOf, type Patch } from './patch.ts'
import { mayGoOver } from './stack-check.ts'

/** kernel/livepatch/transition.c, SIGNALS_TIMEOUT: so many failed passes between two signals. */
export const SIGNALS_TIMEOUT = 15
const SECOND_US = 1_000_000

type How = 'stack_check' | 'kernel_exit' | 'idle' | 'forced'

/** Which universe each task is in, and how it goes over: kernel/livepatch/transition.c. */
export class Transition {
  patch: Patch | null = null
  target: -1 | 0 | 1 = -1
  /** Of whoever comes back to user mode now, and of what it starts. */
  userState: -1 | 0 | 1 = -1
  #failedPasses = 0
  #passes = 0
  #retry: Due | null = null
  readonly #environment: LivepatchEnvironment
  readonly #stacks: FunctionStacks

  constructor(environment: LivepatchEnvironment, stacks: FunctionStacks) {
    this.#environment = environment
    this.#stacks = stacks
  }

  /** klp_init_transition: all tasks stand where they are, and differ from the target. */
  begin(patch: Patch, target: 0 | 1): void {
    this.#environment.onTransition(true)
    this.patch = patch
    this.target = target
    this.debug(`initializing ${this.#direction} transition`)
    this.userState = target === 1 ? 0 : 1
    for (const task of this.#tasks()) this.#setState(task, this.userState)
    for (const version of functionsOf(patch)) version.transition = true
  }

  /** klp_start_transition: from now on every task that passes a safe point goes over. */
  start(): void {
    const { machine, log, onFact } = this.#environment
    log(5, `'${this.patch?.name}': starting ${this.#direction} transition`)
    onFact?.({ kind: 'started', direction: this.#direction })
    this.userState = this.target
    for (const task of this.#tasks()) task.patchPending = task.patchState !== this.target
    machine.interruptCpus()
    this.#goRoundIdleLoops()
    this.#failedPasses = 0
    this.#passes = 0
  }

  /** Nobody goes over any more, until it is started again the other way. */
  halt(): void {
    for (const task of this.#tasks()) task.patchPending = false
  }

  /** klp_try_complete_transition, its first half. @returns whether all tasks are over */
  *pass(): Procedure<boolean> {
    const { machine, onFact } = this.#environment
    this.#passes += 1
    onFact?.({ kind: 'attempt', number: this.#passes })
    let complete = true
    let looked = 0
    for (const task of [...machine.tasks.values()]) {
      if (task.state === 'dead' || task.patchState === this.target) continue
      looked += 1
      if (looked % PASS_PART_TASKS === 0) yield machine.random.span(COSTS.passPart)
      if (!this.#tryTask(task)) complete = false
    }
    if (looked % PASS_PART_TASKS !== 0) yield machine.random.span(COSTS.passPart)
    // Whoever was forked meanwhile has its parent's state.
    for (const task of machine.tasks.values()) if (task.patchState !== this.target) complete = false
    for (const { idleTask, current } of machine.cpus) {
      if (idleTask.patchState === this.target) continue
      if (current !== null && this.#environment.features.reliableStacks) this.#goOver(idleTask, 'stack_check')
      else complete = false
    }
    if (!complete) this.#goRoundIdleLoops()
    return complete
  }

  /** Its second half, when it is not complete: signals, and the next pass. */
  scheduleRetry(run: () => void): void {
    const { machine } = this.#environment
    if (this.#failedPasses > 0 && this.#failedPasses % SIGNALS_TIMEOUT === 0) this.#sendSignals()
    this.#failedPasses += 1
    machine.timers.cancel(this.#retry)
    this.#retry = machine.timers.at(nextPassUs(machine.nowUs), run)
  }

  /** klp_force_transition */
  force(): void {
    const { log, onFact } = this.#environment
    log(4, 'forcing remaining tasks to the patched state')
    onFact?.({ kind: 'forced' })
    for (const task of this.#tasks()) if (task.patchState !== this.target) this.#goOver(task, 'forced')
  }

  /** No task is in a universe any more. */
  dropStates(): void {
    this.userState = -1
    for (const task of this.#tasks()) this.#setState(task, -1)
  }

  end(): void {
    this.#environment.machine.timers.cancel(this.#retry)
    this.#retry = null
    this.patch = null
    this.target = -1
    this.#environment.onTransition(false)
  }

  /** klp_update_patch_state, at a safe point. */
  atSafePoint(task: Task, how: How): void {
    if (task.patchPending) this.#goOver(task, how)
  }

  /** A task checks its own stack (klp_sched_try_switch). */
  atCondResched(task: Task): void {
    if (task.patchPending) this.#tryTask(task, true)
  }

  debug(text: string): void {
    this.#environment.log(7, `'${this.patch?.name}': ${text}`)
  }

  get #direction(): 'patching' | 'unpatching' {
    return this.target === 1 ? 'patching' : 'unpatching'
  }

  *#tasks(): Generator<Task> {
    yield* this.#environment.machine.tasks.values()
    for (const { idleTask } of this.#environment.machine.cpus) yield idleTask
  }

  #tryTask(task: Task, self = false): boolean {
    const { patch, target } = this
    if (patch === null || target === -1) return true
    const verdict = mayGoOver(this.#environment, this.#stacks, patch, target, task, self)
    if (verdict.may) this.#goOver(task, 'stack_check')
    else if (!self) {
      const { tid, comm } = task
      this.#environment.log(7, `klp_try_switch_task: ${comm}:${tid} ${verdict.why}`)
      const held = verdict.function?.key ?? null
      this.#environment.onFact?.({ kind: 'blocked', tid, comm, function: held, why: verdict.why })
    }
    return verdict.may
  }

  #goOver(task: Task, how: How): void {
    if (this.target === -1) return
    task.patchPending = false
    this.#setState(task, this.target)
    if (task.kind !== 'idle') this.#environment.onFact?.({ kind: 'switched', tid: task.tid, how })
  }

  #setState(task: Task, value: -1 | 0 | 1): void {
    if (value === -1) task.patchPending = false
    if (task.patchState === value) return
    task.patchState = value
    this.#environment.machine.trace({ kind: 'patch_state', tid: task.tid, value })
  }

  /**
   * klp_send_signals. No real signal: a user task's sleep ends if it can be interrupted, and its system call begins
   * anew; a kernel thread just wakes.
   */
  #sendSignals(): void {
    const { machine, log, onFact } = this.#environment
    if (this.#failedPasses === SIGNALS_TIMEOUT) log(5, 'signaling remaining tasks')
    onFact?.({ kind: 'signalled' })
    for (const task of [...machine.tasks.values()]) {
      if (task.patchState === this.target) continue
      if (task.kind === 'user') machine.interrupt(task)
      else if (task.state === 'interruptible') machine.wake(task)
    }
    machine.interruptCpus()
  }

  /** An idle CPU passes the end of its loop soon when it is kicked (5.16), else when something wakes it. */
  #goRoundIdleLoops(): void {
    const { machine, features } = this.#environment
    for (const cpu of machine.cpus) {
      if (cpu.current !== null || !cpu.idleTask.patchPending) continue
      const us = machine.random.span(features.kicksIdle ? COSTS.idleKicked : COSTS.idleUnkicked)
      machine.timers.after(us, () => {
        if (cpu.current === null) this.atSafePoint(cpu.idleTask, 'idle')
      })
    }
  }
}

/** A second later, on a whole second of the kernel's clock: kernel/time/timer.c, round_jiffies_relative. */
export const nextPassUs = (nowUs: number): number => {
  const later = nowUs + SECOND_US
  const past = later % SECOND_US
  return past < SECOND_US / 4 ? later - past : later - past + SECOND_US
}

import { mixed, Random, type Span } from '../core/random.ts'
import { type Due, Timeline } from '../core/timeline.ts'
import { type Hooks, NO_HOOKS, originalCode } from './hooks.ts'
import { advance, unwind } from './interpreter.ts'
import type { KernelFunction, SleepKind, TaskPlan } from './program.ts'
import { isAsleep, isInKernel, newTask, type Task } from './task.ts'
import type { TraceEvent, TraceFact } from './trace.ts'

export interface MachineOptions {
  seed: number
  cpus: number
  /** Timer interrupts a second (CONFIG_HZ). */
  hz?: number
}

export interface Cpu {
  readonly index: number
  readonly idleTask: Task
  current: Task | null
  /** The end of the present slice. */
  end: Due | null
  sliceFromUs: number
}

/** How long a task keeps its CPU while others wait for one. */
const SLICE_US = 3_000
const HZ = 250

/**
 * A machine with tasks on CPUs, driven by discrete events. Two clocks: the kernel's own timers, and the tasks. Tasks
 * may be put to rest while nobody can see them: then only the kernel's time passes, and a machine costs nothing.
 */
export class Machine {
  readonly random: Random
  readonly timers = new Timeline()
  readonly tasks = new Map<number, Task>()
  readonly cpus: readonly Cpu[]
  readonly hz: number
  hooks: Hooks = NO_HOOKS
  onTrace: ((event: TraceEvent) => void) | null = null
  readonly #seed: number
  readonly #taskTime = new Timeline()
  /** The kernel's time at the tasks' time 0. */
  #taskOffsetUs = 0
  #resting = false
  #stopped = false
  #queue: Task[] = []
  #nextId = 1

  constructor({ seed, cpus, hz = HZ }: MachineOptions) {
    this.#seed = seed
    this.random = new Random(seed)
    this.hz = hz
    this.cpus = Array.from({ length: cpus }, (_, index) => {
      const plan = { comm: `swapper/${index}`, kind: 'kernel' as const, program: [] }
      const idleTask = newTask({ pid: 0, tid: 0, plan, kind: 'idle', startedUs: 0 })
      return { index, idleTask: { ...idleTask, cpu: index }, current: null, end: null, sliceFromUs: 0 }
    })
  }

  get nowUs(): number {
    return this.timers.nowUs
  }

  trace(fact: TraceFact): void {
    if (this.onTrace !== null) this.onTrace(Object.assign({ atUs: this.nowUs }, fact) as TraceEvent)
  }

  /** When something happens next, microseconds; undefined: never, unless somebody acts. */
  nextUs(): number | undefined {
    const timer = this.timers.nextUs()
    const task = this.#nextTaskUs()
    return timer === undefined ? task : task === undefined ? timer : Math.min(timer, task)
  }

  advanceTo(untilUs: number): void {
    for (;;) {
      const timer = this.timers.nextUs() ?? Number.POSITIVE_INFINITY
      const task = this.#nextTaskUs() ?? Number.POSITIVE_INFINITY
      const next = Math.min(timer, task)
      if (next > untilUs) break
      this.#setTime(next)
      if (timer <= task) this.timers.step(next)
      else this.#taskTime.step(next - this.#taskOffsetUs)
    }
    this.#setTime(untilUs)
  }

  /** Lets tasks stand still, as long as nothing that could be seen depends on what they do. */
  rest(resting: boolean): void {
    if (resting === this.#resting) return
    this.#resting = resting
    if (!resting) this.#taskOffsetUs = this.nowUs - this.#taskTime.nowUs
  }

  afterTaskTime(us: number, run: () => void): Due {
    return this.#taskTime.after(us, run)
  }

  /** Starts a task; `threadOf` makes it a further thread of that process, `parent` is the task that forks. */
  spawn(plan: TaskPlan, { threadOf, tid, parent }: { threadOf?: number; tid?: number; parent?: Task } = {}): Task {
    const id = tid ?? this.#nextId
    this.#nextId = Math.max(this.#nextId, id) + (tid === undefined ? 1 : 0)
    while (this.tasks.has(this.#nextId)) this.#nextId += 1
    const task = newTask({ pid: threadOf ?? id, tid: id, plan, kind: plan.kind, startedUs: this.nowUs })
    this.tasks.set(id, task)
    this.trace({ kind: 'spawned', tid: id, comm: task.comm })
    if (parent) this.hooks.fork?.(parent, task)
    else this.hooks.spawned?.(task)
    this.makeRunnable(task)
    return task
  }

  makeRunnable(task: Task): void {
    if (task.state === 'dead' || task.state === 'running') return
    this.#taskTime.cancel(task.wakeUp)
    task.wakeUp = null
    task.waitsFor = null
    this.#setState(task, 'runnable')
    this.#queue.push(task)
    const idle = this.cpus.find((cpu) => cpu.current === null)
    if (idle && !this.#stopped) this.#dispatch(idle)
  }

  /** Ends the sleep of whoever waits for it. */
  signalEvent(event: string): void {
    for (const task of [...this.tasks.values()]) {
      if (task.waitsFor === event) this.wake(task)
    }
  }

  /** wake_up_process: the sleep is over, whatever it waited for. */
  wake(task: Task): void {
    if (isAsleep(task)) this.makeRunnable(task)
  }

  /**
   * A signal that is not fatal, or livepatch's and kGraft's fake one: an interruptible system call is left, and entered
   * anew; other sleeps go on.
   */
  interrupt(task: Task): void {
    if (task.kind !== 'user') return
    if (task.state === 'interruptible') {
      task.interrupted = true
      this.makeRunnable(task)
    }
  }

  /** A fatal signal: takes effect where the task can be interrupted or is in user mode, else when it leaves the kernel. */
  kill(task: Task, signal: string): void {
    if (task.state === 'dead' || task.kind !== 'user') return
    task.dying = signal
    if (task.state === 'interruptible' || task.state === 'killable') {
      task.interrupted = true
      this.makeRunnable(task)
    } else if (!isInKernel(task)) {
      if (task.state === 'running') this.afterTaskTime(this.untilTickUs(), () => this.#dieInUserMode(task))
    }
  }

  /** Microseconds until the next timer interrupt. */
  untilTickUs(): number {
    const tick = 1_000_000 / this.hz
    return tick - (this.nowUs % tick)
  }

  /** At the next timer interrupt, whoever is in user mode on a CPU passes the way back to it (exit_to_user_mode_loop). */
  interruptCpus(): void {
    this.timers.after(this.untilTickUs(), () => {
      if (this.#stopped) return this.interruptCpus()
      for (const cpu of this.cpus) {
        const task = cpu.current
        if (task === null || isInKernel(task)) continue
        this.hooks.kernelExit?.(task)
        if (task.parkedBy !== null) this.#park(cpu, task, task.parkedBy)
      }
    })
  }

  /**
   * A handler that an interrupt runs on this CPU calls a function. In stop_machine interrupts are off; only one that
   * cannot be masked (NMI) comes through. @returns whether it ran
   */
  interruptCall(cpu: number, called: KernelFunction, { nmi = false } = {}): boolean {
    const on = this.cpus[cpu]
    if (on === undefined || (this.#stopped && !nmi)) return false
    const interrupted = on.current ?? on.idleTask
    const code = this.hooks.redirectInterrupt?.(cpu, interrupted, called) ?? originalCode(called)
    this.trace({ kind: 'called_in_interrupt', cpu, tid: interrupted.tid, ...code })
    return true
  }

  /**
   * stop_machine: from now on no CPU runs anything else for so long. `during` is called in the middle of it, `after`
   * when all go on. Interrupts are off: timers of tasks wait.
   */
  stopMachine(us: number, during: () => void, after: () => void): void {
    if (this.#stopped) throw new Error('the machine stands already')
    this.#stopped = true
    this.trace({ kind: 'stopped' })
    for (const cpu of this.cpus) {
      if (cpu.current === null) continue
      this.#taskTime.cancel(cpu.end)
      cpu.current.remainingUs -= this.nowUs - cpu.sliceFromUs
    }
    during()
    this.timers.after(us, () => {
      this.#stopped = false
      this.trace({ kind: 'resumed' })
      for (const cpu of this.cpus) {
        if (cpu.current === null) this.#dispatch(cpu)
        else this.#runSlice(cpu, cpu.current)
      }
      after()
    })
  }

  get isStopped(): boolean {
    return this.#stopped
  }

  /** Ends a task at once, as do_exit does; its frames are gone. */
  exit(task: Task): void {
    if (task.state === 'dead') return
    this.hooks.exit?.(task)
    unwind(this, task, 0)
    this.#setState(task, 'dead')
    this.tasks.delete(task.tid)
    this.#queue = this.#queue.filter((other) => other !== task)
    this.trace({ kind: 'exited', tid: task.tid })
  }

  /** Puts the task that runs on a CPU to sleep. */
  sleep(task: Task, { kind, us, event }: { kind: SleepKind; us?: Span; event?: string }): void {
    task.waitsFor = event ?? null
    this.#setState(task, kind)
    task.wakeUp = us === undefined ? null : this.afterTaskTime(this.spanOf(task, us), () => this.#onWakeUp(task))
  }

  /**
   * How long something takes a task, microseconds. Each task has its own chance, so that what one does does not move
   * another's draws: two runs that differ in one thing stay alike in the rest.
   */
  spanOf(task: Task, span: Span): number {
    if (typeof span === 'number') return this.random.span(span)
    task.random ??= new Random(mixed(this.#seed, task.tid))
    return task.random.span(span)
  }

  #onWakeUp(task: Task): void {
    task.wakeUp = null
    this.makeRunnable(task)
  }

  #dieInUserMode(task: Task): void {
    if (this.#stopped) {
      this.afterTaskTime(this.untilTickUs(), () => this.#dieInUserMode(task))
      return
    }
    if (task.state === 'dead' || isInKernel(task) || task.dying === null) return
    const cpu = this.cpus.find(({ current }) => current === task)
    this.exit(task)
    if (cpu) this.#release(cpu)
  }

  /** The freezer takes a task off its CPU on the way back to user mode (get_signal, try_to_freeze). */
  #park(cpu: Cpu, task: Task, event: string): void {
    task.remainingUs -= this.nowUs - cpu.sliceFromUs
    this.sleep(task, { kind: 'uninterruptible', event })
    this.#release(cpu)
  }

  #nextTaskUs(): number | undefined {
    if (this.#resting) return undefined
    const next = this.#taskTime.nextUs()
    return next === undefined ? undefined : next + this.#taskOffsetUs
  }

  /** Both clocks go on together; nothing may be due before. */
  #setTime(us: number): void {
    if (us > this.timers.nowUs) this.timers.skipTo(us)
    if (!this.#resting) this.#taskTime.skipTo(this.timers.nowUs - this.#taskOffsetUs)
  }

  #setState(task: Task, state: Task['state']): void {
    if (task.state === state) return
    task.state = state
    this.trace({ kind: 'state', tid: task.tid, state, cpu: task.cpu })
  }

  #dispatch(cpu: Cpu): void {
    const task = this.#queue.shift()
    if (task === undefined) {
      cpu.current = null
      this.hooks.idle?.(cpu.idleTask)
      return
    }
    cpu.current = task
    task.cpu = cpu.index
    this.#setState(task, 'running')
    this.#goOn(cpu, task)
  }

  /** Until the task needs CPU time, sleeps, or is gone. */
  #goOn(cpu: Cpu, task: Task): void {
    if (task.remainingUs <= 0) advance(this, task)
    if (task.state === 'running') this.#runSlice(cpu, task)
    else this.#release(cpu)
  }

  #release(cpu: Cpu): void {
    this.#taskTime.cancel(cpu.end)
    cpu.end = null
    cpu.current = null
    if (!this.#stopped) this.#dispatch(cpu)
  }

  #runSlice(cpu: Cpu, task: Task): void {
    const us = Math.max(1, Math.min(task.remainingUs, SLICE_US))
    cpu.sliceFromUs = this.nowUs
    cpu.end = this.afterTaskTime(us, () => {
      cpu.end = null
      task.remainingUs -= us
      if (task.remainingUs > 0 && this.#queue.length > 0) {
        cpu.current = null
        this.#setState(task, 'runnable')
        this.#queue.push(task)
        this.#dispatch(cpu)
      } else this.#goOn(cpu, task)
    })
  }
}

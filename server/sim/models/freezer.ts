import type { Due } from '../core/timeline.ts'
import type { Machine } from '../kernel/machine.ts'
import type { Body, Step } from '../kernel/program.ts'
import { isInKernel, type Task } from '../kernel/task.ts'

/** What a frozen task waits for. */
export const THAW_EVENT = 'thaw'

export const isFrozen = (task: Task): boolean => task.waitsFor === THAW_EVENT

/** Between two looks at who is still awake, microseconds (kernel/power/process.c, try_to_freeze_tasks, at most 8 ms). */
const LOOK_US = 8_000

/**
 * Linux's freezer (kernel/freezer.c, kernel/power/process.c): user tasks get a fake signal and stop on their way to
 * user mode, kernel threads that look for it stop there. Whoever sleeps uninterruptibly can't be frozen.
 */
export class Freezer {
  readonly #machine: Machine
  readonly #wanted = new Set<Task>()
  #look: Due | null = null

  constructor(machine: Machine) {
    this.#machine = machine
  }

  get frozen(): readonly Task[] {
    return [...this.#wanted].filter(isFrozen)
  }

  /**
   * Freezes these as well as those that are frozen already, until `thaw`. Calls back when all are, or with those that
   * are not when the time is over.
   */
  freeze(tasks: readonly Task[], limitUs: number, onEnd: (awake: readonly Task[]) => void): void {
    const untilUs = this.#machine.nowUs + limitUs
    for (const task of tasks) {
      this.#wanted.add(task)
      task.parkedBy = THAW_EVENT
    }
    const look = (): void => {
      const awake = [...this.#wanted].filter((task) => task.state !== 'dead' && !isFrozen(task))
      if (awake.length === 0 || this.#machine.nowUs >= untilUs) onEnd(awake)
      else {
        this.#callIn(awake)
        this.#look = this.#machine.timers.after(LOOK_US, look)
      }
    }
    look()
  }

  thaw(): void {
    this.#machine.timers.cancel(this.#look)
    for (const task of this.#wanted) task.parkedBy = null
    this.#wanted.clear()
    this.#machine.signalEvent(THAW_EVENT)
  }

  /** A child of a task that is to be frozen has its flag. */
  fork(parent: Task, child: Task): void {
    if (parent.parkedBy === null) return
    child.parkedBy = THAW_EVENT
    this.#wanted.add(child)
  }

  /** A kernel thread looks whether it is to freeze. */
  safePoint(task: Task): void {
    if (task.kind === 'kernel' && task.parkedBy !== null)
      this.#machine.sleep(task, { kind: 'uninterruptible', event: task.parkedBy })
  }

  #callIn(awake: readonly Task[]): void {
    for (const task of awake) {
      if (task.kind === 'user') this.#machine.interrupt(task)
      else if (task.state === 'interruptible' || task.state === 'idle') this.#machine.wake(task)
    }
    if (awake.some((task) => !isInKernel(task))) this.#machine.interruptCpus()
  }
}

/** Kernel threads are not frozen unless they look for it (PF_NOFREEZE). */
export const isFreezable = (task: Task): boolean =>
  task.kind === 'user' || task.frames.some(({ body }) => looksForFreezer(body))

const looksForFreezer = (body: Body): boolean =>
  body.some((step: Step) => step.do === 'safe_point' || ('body' in step && looksForFreezer(step.body)))

import type { Hooks } from '../kernel/hooks.ts'
import type { Machine } from '../kernel/machine.ts'
import { functionKey, type KernelFunction } from '../kernel/program.ts'
import { type Code, isAsleep, isInKernel, type Task } from '../kernel/task.ts'
import { KGRAFT, KGRAFT_AGES, type KgraftAge } from './assumptions/kgraft.ts'
import type { ModelPatch } from './model.ts'
import { ModelBase } from './model-base.ts'
import { versionsOf } from './versions.ts'

type Direction = 'patching' | 'unpatching'
type How = 'kernel_entry' | 'kernel_exit' | 'safe_point' | 'forced' | 'forked'

/**
 * SUSE's kGraft (kernel/kgraft.c): nothing stops. Each thread is marked, reaches old code while it is, and loses its
 * mark where nothing of the kernel is on its stack. The mark is `Task.patchPending`, as /proc/P/kgr_in_progress shows it.
 */
export class Kgraft extends ModelBase implements Hooks {
  readonly system = 'kgraft'
  readonly #age: KgraftAge
  #changing: { readonly patch: ModelPatch; readonly direction: Direction } | null = null
  /** Marks are not yet set: whoever calls a changed function gets one (kgr_immutable). */
  #immutable = false
  /** CPUs whose interrupts reach the version that is to come (irq_use_new). */
  readonly #cpusOver = new Set<number>()
  readonly #toldBlocked = new Set<number>()

  constructor(machine: Machine, seed: number, age: KgraftAge = KGRAFT_AGES.sle12) {
    super(machine, seed)
    this.#age = age
  }

  apply(patch: ModelPatch): void {
    if (this.#changing) throw new Error('EAGAIN')
    this.refuseUnlessNew(patch)
    this.versions.add(patch)
    this.#begin(patch, 'patching')
  }

  /** The same steps the other way; never in mid-way, and not below a newer patch of the same functions. */
  reverse(name?: string): string | null {
    if (this.#changing) return 'EAGAIN'
    const { patches } = this.versions
    const patch = name === undefined ? patches.at(-1) : patches.find((known) => known.name === name)
    if (patch === undefined) return 'EINVAL'
    if (versionsOf(patch).some(({ key }) => this.versions.top(key)?.patch !== patch)) return 'EBUSY'
    this.#begin(patch, 'unpatching')
    return null
  }

  /** A write of 0 to /sys/kernel/kgraft/in_progress. */
  force(): string | null {
    if (this.#changing === null || this.#immutable) return 'EINVAL'
    this.tell({ kind: 'forced' })
    for (const task of this.machine.tasks.values()) this.#unmark(task, 'forced')
    return null
  }

  universeOf(tid: number): 'old' | 'new' {
    const task = this.machine.tasks.get(tid)
    if (this.#changing === null) return this.versions.patches.length > 0 ? 'new' : 'old'
    const over = !this.#immutable && task?.patchPending !== true
    return over === (this.#changing.direction === 'patching') ? 'new' : 'old'
  }

  override redirect(task: Task, called: KernelFunction): Code {
    if (this.#changing === null) return super.redirect(task, called)
    if (this.#immutable && this.#isChanging(called)) task.patchPending = true
    return this.#stub(called, !this.#immutable && !task.patchPending)
  }

  /** Not the thread's mark: an interrupt has nothing to do with whom it interrupts. */
  override redirectInterrupt(cpu: number, interrupted: Task, called: KernelFunction): Code {
    if (this.#changing === null) return super.redirect(interrupted, called)
    return this.#stub(called, this.#cpusOver.has(cpu))
  }

  kernelEntry(task: Task): void {
    this.#unmark(task, 'kernel_entry')
  }

  kernelExit(task: Task): void {
    this.#unmark(task, 'kernel_exit')
  }

  safePoint(task: Task): void {
    if (task.kind === 'kernel') this.#unmark(task, 'safe_point')
  }

  fork(parent: Task, child: Task): void {
    child.patchPending = parent.patchPending
    if (this.#changing && !this.#immutable && !child.patchPending)
      this.tell({ kind: 'switched', tid: child.tid, how: 'forked' })
  }

  /** Nothing old is on its stack yet. */
  spawned(task: Task): void {
    if (this.#changing && !this.#immutable) this.tell({ kind: 'switched', tid: task.tid, how: 'forked' })
  }

  #isChanging(called: KernelFunction): boolean {
    const key = functionKey(called)
    return this.#changing !== null && versionsOf(this.#changing.patch).some((version) => version.key === key)
  }

  /** The slow stub: which version a call reaches while threads differ. */
  #stub(called: KernelFunction, isOver: boolean): Code {
    const key = functionKey(called)
    const { patch, direction } = this.#changing ?? {}
    const top = this.versions.top(key)
    const reachesPatch = isOver === (direction === 'patching')
    return this.codeOf(top?.patch === patch && patch && !reachesPatch ? this.versions.below(key, patch) : top, called)
  }

  #begin(patch: ModelPatch, direction: Direction): void {
    const { machine } = this
    this.tell({ kind: 'started', direction })
    this.status = 'in_progress'
    this.#changing = { patch, direction }
    this.#immutable = true
    this.#cpusOver.clear()
    this.#toldBlocked.clear()
    let left = machine.cpus.length
    for (const { index, current } of machine.cpus) {
      const us = this.random.span(current === null ? KGRAFT.workOnIdleCpuUs : KGRAFT.workOnBusyCpuUs)
      machine.timers.after(us, () => {
        this.#cpusOver.add(index)
        left -= 1
        if (left === 0) this.#markAll()
      })
    }
  }

  #markAll(): void {
    for (const task of this.machine.tasks.values()) task.patchPending = true
    this.#immutable = false
    this.#wakeKernelThreads()
    this.machine.timers.after(this.#age.timeoutUs, () => this.#look(1))
  }

  /** The work that runs every KGR_TIMEOUT. */
  #look(number: number): void {
    this.tell({ kind: 'attempt', number })
    const left = [...this.machine.tasks.values()].filter((task) => task.patchPending)
    if (left.length === 0) {
      this.#end()
      return
    }
    for (const task of left) this.#tellLeft(task)
    if (this.#age.fakeSignal) this.#signal(left)
    this.machine.timers.after(this.#age.timeoutUs, () => this.#look(number + 1))
  }

  #end(): void {
    const { patch, direction } = this.#changing ?? {}
    if (direction === 'unpatching' && patch) this.versions.drop(patch)
    this.#changing = null
    this.status = this.statusAtRest()
    this.tell({ kind: 'completed' })
  }

  /** Once for each thread. */
  #tellLeft(task: Task): void {
    if (this.#toldBlocked.has(task.tid)) return
    this.#toldBlocked.add(task.tid)
    const inside = task.frames.findLast(({ call }) => call !== undefined)?.call?.code.function ?? null
    this.tellBlocked(task, inside, whyLeft(task))
  }

  #signal(left: readonly Task[]): void {
    this.tell({ kind: 'signalled' })
    for (const task of left) {
      if (task.kind === 'user') this.machine.interrupt(task)
      else this.machine.wake(task)
    }
    this.machine.interruptCpus()
  }

  #wakeKernelThreads(): void {
    for (const task of [...this.machine.tasks.values()]) if (task.kind === 'kernel') this.machine.wake(task)
  }

  #unmark(task: Task, how: How): void {
    if (this.#changing === null || this.#immutable || !task.patchPending) return
    task.patchPending = false
    this.tell({ kind: 'switched', tid: task.tid, how })
  }
}

const whyLeft = (task: Task): string => {
  if (task.kind === 'kernel') return 'has not come to a point where it may be frozen'
  if (!isInKernel(task)) return 'runs in user mode and has not entered the kernel'
  return isAsleep(task) ? `sleeps in the kernel (${task.state})` : 'has not left the kernel'
}

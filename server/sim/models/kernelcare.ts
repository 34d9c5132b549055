import type { Hooks } from '../kernel/hooks.ts'
import type { Machine } from '../kernel/machine.ts'
import type { FunctionKey } from '../kernel/program.ts'
import type { Task } from '../kernel/task.ts'
import { KERNELCARE, type Freezer as Style } from './assumptions/kernelcare.ts'
import { STACK_CHECK_US, STOP_US } from './assumptions/stop-machine.ts'
import { Freezer, isFreezable, isFrozen } from './freezer.ts'
import type { ModelPatch } from './model.ts'
import { ModelBase } from './model-base.ts'
import { isInside, versionsOf } from './versions.ts'

export interface KernelCareOptions {
  readonly freezer?: Style
  /** `--force`: goes on even if some threads could not be frozen, and whatever is on their stacks. */
  readonly force?: boolean
}

interface Change {
  readonly left: readonly { readonly key: FunctionKey; readonly patch: string | null }[]
  readonly carryOut: () => void
}

/**
 * KernelCare as far as its public documents go: threads are frozen by style, then all goes over at one instant. What
 * happens in the kernel is not published; it is taken to be what kpatch does (see KERNELCARE_ASSUMPTIONS).
 */
export class KernelCare extends ModelBase implements Hooks {
  readonly system = 'kernelcare'
  readonly #style: Style
  readonly #force: boolean
  readonly #freezer: Freezer

  constructor(machine: Machine, seed: number, { freezer = 'smart', force = false }: KernelCareOptions = {}) {
    super(machine, seed)
    this.#style = freezer
    this.#force = force
    this.#freezer = new Freezer(machine)
  }

  /** A set takes the place of the one before. */
  apply(patch: ModelPatch): void {
    this.refuseUnlessNew(patch)
    const replaced = [...this.versions.patches]
    this.#begin('patching', {
      left: [patch, ...replaced].flatMap((each) => this.#activeOf(each)),
      carryOut: () => {
        for (const older of replaced) this.versions.drop(older)
        this.versions.add(patch)
      },
    })
  }

  reverse(): string | null {
    if (this.status === 'in_progress') return 'EBUSY'
    const patch = this.versions.patches.at(-1)
    if (patch === undefined) return 'EINVAL'
    this.#begin('unpatching', { left: this.#activeOf(patch), carryOut: () => this.versions.drop(patch) })
    return null
  }

  universeOf(_tid: number): 'old' | 'new' {
    return this.versions.patches.length > 0 ? 'new' : 'old'
  }

  fork(parent: Task, child: Task): void {
    this.#freezer.fork(parent, child)
  }

  safePoint(task: Task): void {
    this.#freezer.safePoint(task)
  }

  #activeOf(patch: ModelPatch): { key: FunctionKey; patch: string | null }[] {
    return versionsOf(patch).map(({ key }) => ({ key, patch: this.versions.top(key)?.patch.name ?? null }))
  }

  #begin(direction: 'patching' | 'unpatching', change: Change): void {
    this.tell({ kind: 'started', direction })
    this.status = 'in_progress'
    const { machine } = this
    const wanted =
      this.#style === 'full' ? [...machine.tasks.values()].filter(isFreezable) : this.#thoseThatNeedIt(change)
    this.#freeze(1, wanted, machine.nowUs + KERNELCARE.freezeLimitUs, change)
  }

  /** By the style smart, threads with a changed function on their stack that are not frozen yet. */
  #thoseThatNeedIt(change: Change): Task[] {
    if (this.#style === 'none') return []
    const isNeeded = (task: Task): boolean => !isFrozen(task) && holdOf(task, change) !== null && isFreezable(task)
    return [...this.machine.tasks.values()].filter(isNeeded)
  }

  #freeze(number: number, wanted: readonly Task[], untilUs: number, change: Change): void {
    this.tell({ kind: 'attempt', number })
    this.#freezer.freeze(wanted, untilUs - this.machine.nowUs, (awake) => {
      const tids = this.#freezer.frozen.map(({ tid }) => tid)
      if (tids.length > 0) this.tell({ kind: 'frozen', tids })
      for (const task of awake) this.tellBlocked(task, holdOf(task, change), 'cannot be frozen')
      if (awake.length === 0 || this.#force) this.#atOneInstant(number, untilUs, change)
      else this.#end('some threads cannot be frozen')
    })
  }

  #atOneInstant(number: number, untilUs: number, change: Change): void {
    const held: { task: Task; key: FunctionKey }[] = []
    let us = this.random.span(STOP_US)
    for (const task of this.machine.tasks.values()) {
      us += STACK_CHECK_US.from + this.random.fraction() * (STACK_CHECK_US.to - STACK_CHECK_US.from)
      const key = holdOf(task, change)
      if (key !== null) held.push({ task, key })
    }
    const goes = held.length === 0 || this.#force
    this.tell({ kind: 'stopped', us: Math.round(us) })
    const during = (): void => {
      if (goes) change.carryOut()
    }
    this.machine.stopMachine(Math.round(us), during, () => {
      for (const { task, key } of held) this.tellBlocked(task, key, 'a changed function is on its stack')
      if (held.length > 0 && this.#force) this.tell({ kind: 'forced' })
      const more = this.#thoseThatNeedIt(change)
      if (goes) this.#end(null)
      else if (more.length > 0 && this.machine.nowUs < untilUs) this.#freeze(number + 1, more, untilUs, change)
      else this.#end('a changed function is in use')
    })
  }

  #end(why: string | null): void {
    if (this.#freezer.frozen.length > 0) this.tell({ kind: 'thawed' })
    this.#freezer.thaw()
    if (why === null) {
      this.status = this.statusAtRest()
      this.tellAllSwitched()
      this.tell({ kind: 'completed' })
    } else {
      this.status = this.versions.patches.length > 0 ? 'applied' : 'gave_up'
      this.tell({ kind: 'gave_up', why })
    }
  }
}

const holdOf = (task: Task, { left }: Change): FunctionKey | null =>
  left.find(({ key, patch }) => isInside(task, key, patch))?.key ?? null

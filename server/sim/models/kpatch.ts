import type { Hooks } from '../kernel/hooks.ts'
import { type FunctionKey, functionKey, type KernelFunction } from '../kernel/program.ts'
import { type Code, stackOf, type Task } from '../kernel/task.ts'
import { KPATCH } from './assumptions/kpatch.ts'
import { STACK_CHECK_US, STOP_US } from './assumptions/stop-machine.ts'
import type { ModelPatch } from './model.ts'
import { ModelBase } from './model-base.ts'
import { isInside, versionsOf } from './versions.ts'

/** A change of ftrace's hash within one stop. */
interface Change {
  readonly patch: ModelPatch
  readonly direction: 'patching' | 'unpatching'
  /** What must be on no stack: on the way in the active version, on the way out the patch's own. */
  readonly left: readonly { readonly key: FunctionKey; readonly patch: string | null }[]
}

interface Hit {
  readonly task: Task
  readonly key: FunctionKey | null
  readonly why: string
}

/**
 * The original kpatch (dynup/kpatch, kmod/core/core.c) and its script: all CPUs stop, every thread's stack is followed,
 * and one hash is changed if no changed function is on any.
 */
export class Kpatch extends ModelBase implements Hooks {
  readonly system = 'kpatch'
  /** The change under way while all stand; an NMI may come in between, and gets the earlier version. */
  #updating: Change | null = null
  #nmiFailed = false

  apply(patch: ModelPatch): void {
    this.refuseUnlessNew(patch)
    const left = versionsOf(patch).map(({ key }) => ({ key, patch: this.versions.top(key)?.patch.name ?? null }))
    this.#begin({ patch, direction: 'patching', left })
  }

  /** In any order: the hash has no order that others depend on. */
  reverse(name?: string): string | null {
    if (this.status === 'in_progress') return 'EBUSY'
    const { patches } = this.versions
    const patch = name === undefined ? patches.at(-1) : patches.find((known) => known.name === name)
    if (patch === undefined) return 'EINVAL'
    this.#begin({
      ...{ patch, direction: 'unpatching' },
      left: versionsOf(patch).map(({ key }) => ({ key, patch: patch.name })),
    })
    return null
  }

  universeOf(_tid: number): 'old' | 'new' {
    return this.versions.patches.length > 0 ? 'new' : 'old'
  }

  override redirectInterrupt(_cpu: number, _interrupted: Task, called: KernelFunction): Code {
    const key = functionKey(called)
    if (this.#updating?.left.some((range) => range.key === key)) this.#nmiFailed = true
    return this.codeOf(this.versions.top(key), called)
  }

  #begin(change: Change): void {
    this.tell({ kind: 'started', direction: change.direction })
    this.status = 'in_progress'
    this.#try(1, change)
  }

  #try(number: number, change: Change): void {
    this.tell({ kind: 'attempt', number })
    const { hit, us } = this.#check(change)
    this.tell({ kind: 'stopped', us })
    const during = (): void => {
      if (hit !== null) return
      this.#nmiFailed = false
      this.#updating = change
      this.machine.timers.after(us, () => this.#finishUpdate(change))
    }
    this.machine.stopMachine(us, during, () => {
      if (hit === null && !this.#nmiFailed) this.#end()
      else this.#onBusy(hit, number, change)
    })
  }

  /** Follows stacks until the first that is in the way; each takes its time. */
  #check({ left }: Change): { hit: Hit | null; us: number } {
    let us = this.random.span(STOP_US)
    for (const task of this.machine.tasks.values()) {
      us += STACK_CHECK_US.from + this.random.fraction() * (STACK_CHECK_US.to - STACK_CHECK_US.from)
      const hit = hitOf(task, left)
      if (hit !== null) return { hit, us: Math.round(us) }
    }
    return { hit: null, us: Math.round(us) }
  }

  /** Still stopped: UPDATING goes to SUCCESS, unless an NMI was in between. */
  #finishUpdate({ patch, direction }: Change): void {
    this.#updating = null
    if (this.#nmiFailed) return
    if (direction === 'patching') this.versions.add(patch)
    else this.versions.drop(patch)
  }

  #end(): void {
    this.status = this.statusAtRest()
    this.tellAllSwitched()
    this.tell({ kind: 'completed' })
  }

  #onBusy(hit: Hit | null, number: number, change: Change): void {
    if (hit !== null) this.tellBlocked(hit.task, hit.key, hit.why)
    if (number < KPATCH.attempts) {
      this.machine.timers.after(KPATCH.retryUs, () => this.#try(number + 1, change))
      return
    }
    this.status = this.versions.patches.length > 0 ? 'applied' : 'gave_up'
    this.tell({
      kind: 'gave_up',
      why: hit === null ? 'EBUSY: an NMI called a changed function' : 'EBUSY: activeness safety',
    })
  }
}

const hitOf = (task: Task, left: Change['left']): Hit | null => {
  if (stackOf(task).length >= KPATCH.stackEntriesMax) return { task, key: null, why: 'its stack is too deep' }
  const inside = left.find(({ key, patch }) => isInside(task, key, patch))
  return inside === undefined ? null : { task, key: inside.key, why: 'activeness safety check failed' }
}

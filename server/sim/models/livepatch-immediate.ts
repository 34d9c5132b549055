import { type Procedure, startProcedure } from '../core/procedure.ts'
import type { Hooks } from '../kernel/hooks.ts'
import { REGISTER_US } from './assumptions/livepatch-immediate.ts'
import type { ModelPatch } from './model.ts'
import { ModelBase } from './model-base.ts'
import { type Version, versionsOf } from './versions.ts'

/**
 * Livepatch of Linux 4.0 to 4.11 (kernel/livepatch/core.c of 4.5): one function after the other leads to its newest
 * version, for every task at once. Nothing is checked, so a caller may be old and what it calls new.
 */
export class LivepatchImmediate extends ModelBase implements Hooks {
  readonly system = 'livepatch_immediate'

  apply(patch: ModelPatch): void {
    this.refuseUnlessNew(patch)
    this.#change('patching', patch, (version) => this.versions.push(version))
  }

  reverse(name?: string): string | null {
    if (this.status === 'in_progress') return 'EBUSY'
    const { patches } = this.versions
    const patch = name === undefined ? patches.at(-1) : patches.find((known) => known.name === name)
    if (patch === undefined) return 'EINVAL'
    if (patch !== patches.at(-1)) return 'EBUSY'
    this.#change('unpatching', patch, (version) => this.versions.remove(version))
    return null
  }

  /** delete_module: the reference is kept for ever. */
  removeModule(): string {
    return 'EBUSY'
  }

  universeOf(_tid: number): null {
    return null
  }

  #change(direction: 'patching' | 'unpatching', patch: ModelPatch, change: (version: Version) => void): void {
    this.tell({ kind: 'started', direction })
    this.status = 'in_progress'
    startProcedure(this.machine.timers, this.#oneByOne(patch, change), () => {
      if (direction === 'patching') this.versions.settle(patch)
      else this.versions.forget(patch)
      this.status = this.statusAtRest()
      this.tell({ kind: 'completed' })
    })
  }

  *#oneByOne(patch: ModelPatch, change: (version: Version) => void): Procedure<void> {
    for (const version of versionsOf(patch)) {
      yield this.random.span(REGISTER_US)
      change(version)
    }
  }
}

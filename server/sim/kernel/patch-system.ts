import { Lock, type Procedure } from '../core/procedure.ts'
import { createModel } from '../models/create-model.ts'
import type { ConsistencyModel, ModelEvent, ModelPatch, System } from '../models/model.ts'
import type { Machine } from './machine.ts'

/** Systems that a kernel has in place of livepatch: built in, or brought by their own modules. */
export type OtherSystem = Exclude<System, 'livepatch' | 'livepatch_immediate'>

export interface BlockedTask {
  readonly pid: number
  readonly tid: number
  readonly comm: string
  /** The changed function that it is in, where the system says. */
  readonly function: string | null
}

export interface PatchSystemOptions {
  readonly system: OtherSystem
  readonly machine: Machine
  readonly seed: number
  /** Tasks matter while a change runs. */
  readonly onChanging: (running: boolean) => void
  readonly takeModule: (name: string) => void
  readonly putModule: (name: string) => void
}

/** A live patching system that is not livepatch, on a running kernel: what is in, what is being changed, what failed. */
export class PatchSystem {
  readonly system: OtherSystem
  readonly model: ConsistencyModel
  readonly #options: PatchSystemOptions
  /** Oldest first. */
  #applied: ModelPatch[] = []
  #changing: { readonly patch: ModelPatch; readonly direction: 'patching' | 'unpatching' } | null = null
  #lastEnd: 'completed' | 'gave_up' = 'completed'
  #blocked = new Map<number, BlockedTask>()
  readonly #whileChanging = new Lock()

  constructor(options: PatchSystemOptions) {
    this.system = options.system
    this.#options = options
    this.model = createModel(options.system, options.machine, options.seed)
    this.model.onEvent = (event) => this.#onEvent(event)
  }

  get applied(): readonly ModelPatch[] {
    return this.#applied
  }

  get changing(): { readonly patch: ModelPatch; readonly direction: 'patching' | 'unpatching' } | null {
    return this.#changing
  }

  /** Who was in the way of the latest attempt of the latest change; of kGraft, who has not gone over. */
  get blocked(): readonly BlockedTask[] {
    if (this.system !== 'kgraft') return [...this.#blocked.values()]
    return [...this.#options.machine.tasks.values()]
      .filter(({ patchPending }) => patchPending)
      .map(({ pid, tid, comm }) => ({ pid, tid, comm, function: null }))
  }

  /** What a patch module's init asks for. Ends with the errno's name or null; kGraft's ends before the change does. */
  *enable(patch: ModelPatch): Procedure<string | null> {
    if (this.model.status === 'in_progress') return this.system === 'kgraft' ? 'EAGAIN' : 'EBUSY'
    if (this.#applied.some(({ name }) => name === patch.name)) return 'EEXIST'
    this.#changing = { patch, direction: 'patching' }
    this.model.apply(patch)
    return this.system === 'kgraft' ? null : yield* this.#end()
  }

  /** Takes one out. KernelCare and kpatch know no order; kGraft and Ksplice refuse what a later patch rests on. */
  *disable(name: string): Procedure<string | null> {
    const patch = this.#applied.find((known) => known.name === name)
    if (patch === undefined) return 'ENOENT'
    if (this.model.status === 'in_progress') return 'EBUSY'
    this.#changing = { patch, direction: 'unpatching' }
    const refusal = this.model.reverse(name)
    if (refusal !== null) {
      this.#changing = null
      return refusal
    }
    return this.system === 'kgraft' ? null : yield* this.#end()
  }

  *#end(): Procedure<string | null> {
    yield this.#whileChanging
    this.#whileChanging.release()
    return this.#lastEnd === 'completed' ? null : 'EBUSY'
  }

  #onEvent(event: ModelEvent): void {
    switch (event.kind) {
      case 'started':
        this.#blocked.clear()
        this.#whileChanging.take(() => this.#options.onChanging(true))
        break
      case 'attempt':
        this.#blocked.clear()
        break
      case 'blocked': {
        const pid = this.#options.machine.tasks.get(event.tid)?.pid ?? event.tid
        const held = event.function?.split(',')[1] ?? null
        this.#blocked.set(event.tid, { pid, tid: event.tid, comm: event.comm, function: held })
        break
      }
      case 'completed':
      case 'gave_up':
        this.#onEnd(event.kind)
        break
    }
  }

  #onEnd(end: 'completed' | 'gave_up'): void {
    const { takeModule, putModule, onChanging } = this.#options
    const change = this.#changing
    this.#changing = null
    this.#lastEnd = end
    if (end === 'completed' && change !== null) {
      this.#blocked.clear()
      // A set of KernelCare's takes the place of the one before; the others lie upon each other.
      const isGone = ({ name }: ModelPatch) =>
        change.direction === 'unpatching' ? name === change.patch.name : this.system === 'kernelcare'
      for (const { name } of this.#applied.filter(isGone)) putModule(name)
      this.#applied = this.#applied.filter((patch) => !isGone(patch))
      if (change.direction === 'patching') {
        this.#applied.push(change.patch)
        takeModule(change.patch.name)
      }
    }
    onChanging(false)
    // The model is still at work: whoever waits goes on after it.
    this.#options.machine.timers.after(0, () => this.#whileChanging.release())
  }
}

import { mixed, Random } from '../core/random.ts'
import type { Machine } from '../kernel/machine.ts'
import { type Body, type FunctionKey, functionKey, type KernelFunction } from '../kernel/program.ts'
import type { Code, Task } from '../kernel/task.ts'
import type { ConsistencyModel, ModelEvent, ModelFact, ModelPatch, ModelStatus, System } from './model.ts'
import { type Version, Versions } from './versions.ts'

/** Draws of a system do not move those of the load. */
const MODEL_PART = -2

/**
 * What the five systems have in common: patches that lie upon each other, and a record of what was done. Each call
 * reaches the newest version, unless the system says otherwise.
 */
export abstract class ModelBase implements ConsistencyModel {
  abstract readonly system: System
  readonly events: ModelEvent[] = []
  status: ModelStatus = 'at_rest'
  onEvent: ((event: ModelEvent) => void) | null = null
  protected readonly machine: Machine
  protected readonly random: Random
  protected readonly versions = new Versions()

  constructor(machine: Machine, seed: number) {
    this.machine = machine
    this.random = new Random(mixed(seed, MODEL_PART))
  }

  abstract apply(patch: ModelPatch): void
  abstract reverse(name?: string): string | null
  abstract universeOf(tid: number): 'old' | 'new' | null

  redirect(_task: Task, called: KernelFunction): Code {
    return this.codeOf(this.versions.top(functionKey(called)), called)
  }

  redirectInterrupt(_cpu: number, _interrupted: Task, called: KernelFunction): Code {
    return this.codeOf(this.versions.top(functionKey(called)), called)
  }

  bodyOf(code: Code, original: Body): Body {
    return this.versions.bodyOf(code) ?? original
  }

  protected codeOf(version: Version | undefined, called: KernelFunction): Code {
    return { function: functionKey(called), patch: version?.patch.name ?? null }
  }

  protected tell(fact: ModelFact): void {
    const event = { atUs: this.machine.nowUs, ...fact } as ModelEvent
    this.events.push(event)
    this.onEvent?.(event)
  }

  protected tellBlocked({ tid, comm }: Task, held: FunctionKey | null, why: string): void {
    this.tell({ kind: 'blocked', tid, comm, function: held, why })
  }

  /** The whole kernel goes over at one instant. */
  protected tellAllSwitched(): void {
    for (const tid of this.machine.tasks.keys()) this.tell({ kind: 'switched', tid, how: 'all_at_once' })
  }

  /** Throws what the system says when a change runs, or a module of that name is loaded. */
  protected refuseUnlessNew({ name }: ModelPatch): void {
    if (this.status === 'in_progress') throw new Error('EBUSY')
    if (this.versions.patches.some((known) => known.name === name)) throw new Error('EEXIST')
  }

  protected statusAtRest(): ModelStatus {
    return this.versions.patches.length > 0 ? 'applied' : 'at_rest'
  }
}

import { startProcedure } from '../core/procedure.ts'
import type { Hooks } from '../kernel/hooks.ts'
import type { LivepatchFeatures } from '../kernel/kernel-facts.ts'
import type { Machine } from '../kernel/machine.ts'
import type { LivepatchImage, LivepatchObject } from '../kernel/module-image.ts'
import type { Body, KernelFunction } from '../kernel/program.ts'
import type { Code, Task } from '../kernel/task.ts'
import { LivepatchCore } from '../livepatch/livepatch-core.ts'
import type { ConsistencyModel, ModelEvent, ModelFact, ModelPatch, ModelStatus } from './model.ts'

/** As Linux 6.1 on x86-64 has it. */
const FEATURES: LivepatchFeatures = {
  ...{ replaceAttribute: false, stackOrderAttribute: false, touchedFunctions: false, modversions: true },
  ...{ ftraceSwitch: 'honoured', reliableStacks: true, switchesInCondResched: false, kicksIdle: true },
}

/** Livepatch since 4.12: the core of the simulated kernel, as one of the systems that are compared. */
export class Livepatch implements ConsistencyModel, Hooks {
  readonly system = 'livepatch'
  readonly events: ModelEvent[] = []
  status: ModelStatus = 'at_rest'
  onEvent: ((event: ModelEvent) => void) | null = null
  readonly #machine: Machine
  readonly #core: LivepatchCore

  constructor(machine: Machine, features: Partial<LivepatchFeatures> = {}) {
    this.#machine = machine
    this.#core = new LivepatchCore({
      ...{ machine, features: { ...FEATURES, ...features } },
      log: () => undefined,
      symbols: () => null,
      takeModule: () => undefined,
      putModule: () => undefined,
      onTransition: () => undefined,
      onFact: (fact) => this.#tell(fact),
    })
  }

  apply(patch: ModelPatch): void {
    if (this.status === 'in_progress') throw new Error('EBUSY')
    if (this.#core.directories.has(patch.name)) throw new Error('EEXIST')
    this.status = 'in_progress'
    startProcedure(this.#machine.timers, this.#core.enable(patch.name, imageOf(patch), {}), (errno) => {
      if (errno === null) return
      this.#tell({ kind: 'gave_up', why: errno })
      this.status = this.#core.patches.length > 0 ? 'applied' : 'gave_up'
    })
  }

  /** A write of 0 to `enabled`, or of 1 while the patch goes out. */
  reverse(name?: string): string | null {
    const { patches, changing } = this.#core
    const patch = name === undefined ? (changing.patch ?? patches.at(-1)) : patches.find((one) => one.name === name)
    if (patch === undefined) return 'ENOENT'
    if (changing.patch !== null && changing.patch !== patch) return 'EBUSY'
    this.status = 'in_progress'
    startProcedure(this.#machine.timers, this.#core.writeEnabled(patch, !patch.enabled), () => undefined)
    return null
  }

  force(): string | null {
    const { patch } = this.#core.changing
    if (patch === null) return 'EINVAL'
    startProcedure(this.#machine.timers, this.#core.writeForce(patch, true), () => undefined)
    return null
  }

  universeOf(tid: number): 'old' | 'new' {
    const state = this.#machine.tasks.get(tid)?.patchState ?? -1
    if (state !== -1) return state === 1 ? 'new' : 'old'
    return this.#core.stacks.size > 0 ? 'new' : 'old'
  }

  redirect(task: Task, called: KernelFunction): Code {
    return this.#core.redirect(task, called)
  }

  redirectInterrupt(_cpu: number, interrupted: Task, called: KernelFunction): Code {
    return this.#core.redirect(interrupted, called)
  }

  bodyOf(code: Code, original: Body): Body {
    return this.#core.bodyOf(code, original)
  }

  kernelExit(task: Task): void {
    this.#core.kernelExit(task)
  }

  idle(idleTask: Task): void {
    this.#core.idle(idleTask)
  }

  fork(parent: Task, child: Task): void {
    this.#core.fork(parent, child)
  }

  spawned(task: Task): void {
    this.#core.spawned(task)
  }

  condResched(task: Task): void {
    this.#core.condResched(task)
  }

  #tell(fact: ModelFact): void {
    if (fact.kind === 'completed') this.status = this.#core.stacks.size > 0 ? 'applied' : 'at_rest'
    const event = { atUs: this.#machine.nowUs, ...fact } as ModelEvent
    this.events.push(event)
    this.onEvent?.(event)
  }
}

const imageOf = ({ functions }: ModelPatch): LivepatchImage => {
  const objects = new Map<string, LivepatchObject['functions'][number][]>()
  for (const { function: of, body } of functions) {
    const image = { name: of.name, sympos: of.sympos, ...(body === undefined ? {} : { body }) }
    objects.set(of.object, [...(objects.get(of.object) ?? []), image])
  }
  return {
    ...{ marked: true, replace: false, states: [] },
    objects: [...objects].map(([name, of]) => ({ name, functions: of })),
  }
}

import { mixed } from '../core/random.ts'
import { type Hooks, originalCode } from '../kernel/hooks.ts'
import type { Machine } from '../kernel/machine.ts'
import type { FunctionKey, KernelFunction } from '../kernel/program.ts'
import { type Code, isInKernel, stackOf, type Task } from '../kernel/task.ts'
import { KSPLICE } from './assumptions/ksplice.ts'
import { STOP_US } from './assumptions/stop-machine.ts'
import type { ModelPatch } from './model.ts'
import { ModelBase } from './model-base.ts'
import {
  bytesLong,
  changedFunctions,
  type KspliceBuild,
  patchOfChanged,
  unmatchedFunctions,
} from './object-comparison.ts'
import { versionsOf } from './versions.ts'

/** Code that nobody may be in while it is changed. */
interface Range {
  readonly key: FunctionKey
  readonly patch: string | null
}

interface Conflict extends Range {
  readonly task: Task
  /** Left over from an earlier call, not a call that is still to return. */
  readonly stale: boolean
}

export interface KspliceOptions {
  /** What a patch was built from; without it the patch's functions are taken as those that changed. */
  readonly buildOf?: (patch: ModelPatch) => KspliceBuild | undefined
}

/**
 * Ksplice 0.9.9 (kmodsrc/ksplice.c): all CPUs stop, every word of every stack is compared with the code to be replaced,
 * and jumps are written if none hits.
 */
export class Ksplice extends ModelBase implements Hooks {
  readonly system = 'ksplice'
  readonly #options: KspliceOptions
  readonly #seed: number
  /** What each task has called: its stack may still hold the address. */
  readonly #calledBy = new Map<number, Set<FunctionKey>>()
  /** How often each task has entered the kernel: its stack begins anew each time. */
  readonly #entries = new Map<number, number>()

  constructor(machine: Machine, seed: number, options: KspliceOptions = {}) {
    super(machine, seed)
    this.#options = options
    this.#seed = this.random.integer(0, 0x7f_ff_ff_ff)
  }

  apply(patch: ModelPatch): void {
    this.refuseUnlessNew(patch)
    this.tell({ kind: 'started', direction: 'patching' })
    this.status = 'in_progress'
    const build = this.#options.buildOf?.(patch)
    const why = build === undefined ? null : whyNotBuilt(build)
    if (why !== null) {
      this.#giveUp(why)
      return
    }
    const changed = build === undefined ? patch : patchOfChanged(patch, changedFunctions(build))
    const ranges = versionsOf(changed).map(({ key }) => ({ key, patch: this.versions.top(key)?.patch.name ?? null }))
    this.#try(1, ranges, () => this.versions.add(changed))
  }

  reverse(name?: string): string | null {
    if (this.status === 'in_progress') return 'EBUSY'
    const { patches } = this.versions
    const patch = name === undefined ? patches.at(-1) : patches.find((known) => known.name === name)
    if (patch === undefined) return 'EINVAL'
    if (this.#isNeeded(patch)) return 'MODULE_BUSY'
    this.tell({ kind: 'started', direction: 'unpatching' })
    this.status = 'in_progress'
    const ranges = versionsOf(patch).flatMap(({ key }) => [
      { key, patch: patch.name },
      { key, patch: this.versions.below(key, patch)?.patch.name ?? null },
    ])
    this.#try(1, ranges, () => this.versions.drop(patch))
    return null
  }

  universeOf(_tid: number): 'old' | 'new' {
    return this.versions.patches.length > 0 ? 'new' : 'old'
  }

  override redirect(task: Task, called: KernelFunction): Code {
    const code = this.versions.patches.length > 0 ? super.redirect(task, called) : originalCode(called)
    const earlier = this.#calledBy.get(task.tid)
    if (earlier === undefined) this.#calledBy.set(task.tid, new Set([code.function]))
    else earlier.add(code.function)
    return code
  }

  kernelEntry(task: Task): void {
    this.#entries.set(task.tid, (this.#entries.get(task.tid) ?? 0) + 1)
  }

  exit(task: Task): void {
    this.#calledBy.delete(task.tid)
    this.#entries.delete(task.tid)
  }

  /** A later update of one of its functions holds a reference on its module. */
  #isNeeded(patch: ModelPatch): boolean {
    return versionsOf(patch).some(({ key }) => this.versions.top(key)?.patch !== patch)
  }

  #try(number: number, ranges: readonly Range[], commit: () => void): void {
    this.tell({ kind: 'attempt', number })
    const conflicts = this.#conflicts(ranges)
    const us = this.#stopUs(ranges.length)
    this.tell({ kind: 'stopped', us })
    const during = (): void => {
      if (conflicts.length === 0) commit()
    }
    this.machine.stopMachine(us, during, () => {
      if (conflicts.length === 0) this.#end()
      else this.#onBusy(conflicts, number, () => this.#try(number + 1, ranges, commit))
    })
  }

  #end(): void {
    this.status = this.statusAtRest()
    this.tellAllSwitched()
    this.tell({ kind: 'completed' })
  }

  #onBusy(conflicts: readonly Conflict[], number: number, again: () => void): void {
    for (const { task, key, stale } of conflicts)
      this.tellBlocked(task, key, stale ? 'a stale word on its stack' : 'its address is on its stack')
    if (number >= KSPLICE.attempts) this.#giveUp('CODE_BUSY')
    else this.machine.timers.after(KSPLICE.retryUs, again)
  }

  #giveUp(why: string): void {
    this.status = this.versions.patches.length > 0 ? 'applied' : 'gave_up'
    this.tell({ kind: 'gave_up', why })
  }

  /** The first hit of each task. */
  #conflicts(ranges: readonly Range[]): Conflict[] {
    const conflicts: Conflict[] = []
    for (const task of this.machine.tasks.values()) {
      const calls = stackOf(task)
      if (calls.length === 0) continue
      const hit = ranges.find((range) =>
        calls.some(({ code }) => code.function === range.key && code.patch === range.patch),
      )
      const stale = hit ?? ranges.find(({ key }) => this.#isStale(task, key))
      if (stale !== undefined) conflicts.push({ ...stale, task, stale: hit === undefined })
    }
    return conflicts
  }

  /** The same as long as the task stays where it is, so that a try later finds it again. */
  #isStale(task: Task, key: FunctionKey): boolean {
    if (!isInKernel(task) || this.#calledBy.get(task.tid)?.has(key) !== true) return false
    let bits = mixed(mixed(this.#seed, task.tid), this.#entries.get(task.tid) ?? 0)
    for (let at = 0; at < key.length; at += 1) bits = mixed(bits, key.charCodeAt(at))
    return (bits >>> 0) / 2 ** 32 < KSPLICE.staleWordChance
  }

  #stopUs(ranges: number): number {
    let words = 0
    for (const task of this.machine.tasks.values())
      words += KSPLICE.wordsAtRest + KSPLICE.wordsOfFunction * stackOf(task).length
    return Math.round(this.random.span(STOP_US) + words * ranges * KSPLICE.wordUs)
  }
}

const whyNotBuilt = (build: KspliceBuild): string | null => {
  const changed = changedFunctions(build)
  if (unmatchedFunctions(build, changed).length > 0) return 'NO_MATCH'
  const isShort = (key: FunctionKey): boolean => bytesLong(build.running.get(key) ?? '') < KSPLICE.jumpBytes
  return changed.some(isShort) ? 'UNEXPECTED' : null
}

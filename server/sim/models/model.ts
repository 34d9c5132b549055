import type { Hooks } from '../kernel/hooks.ts'
import type { Body, FunctionKey, KernelFunction } from '../kernel/program.ts'

/** The five systems; livepatch by its two ages: 4.0 to 4.11 without consistency, the hybrid since 4.12. */
export const SYSTEMS = ['ksplice', 'kpatch', 'kgraft', 'livepatch_immediate', 'livepatch', 'kernelcare'] as const
export type System = (typeof SYSTEMS)[number]

/** A patch as all systems see it: functions that go over together, and what their new versions do. */
export interface ModelPatch {
  readonly name: string
  readonly functions: readonly { readonly function: KernelFunction; readonly body?: Body }[]
}

/** What a system did, in order; `atUs` is the machine's time, microseconds. */
export type ModelEvent = { readonly atUs: number } & (
  | { readonly kind: 'started'; readonly direction: 'patching' | 'unpatching' }
  /** One attempt of a system that has attempts, or one pass of livepatch over all tasks. */
  | { readonly kind: 'attempt'; readonly number: number }
  /** What was in the way: a function on a task's stack (Ksplice's conflicts, kpatch's activeness safety). */
  | {
      readonly kind: 'blocked'
      readonly tid: number
      readonly comm: string
      readonly function: FunctionKey | null
      readonly why: string
    }
  /** Nothing runs for so long. */
  | { readonly kind: 'stopped'; readonly us: number }
  /** Some tasks are frozen, none of them runs until `thawed`. */
  | { readonly kind: 'frozen'; readonly tids: readonly number[] }
  | { readonly kind: 'thawed' }
  /** From now on this task calls new code; without consistency there is no such moment. */
  | {
      readonly kind: 'switched'
      readonly tid: number
      readonly how:
        | 'stack_check'
        | 'kernel_exit'
        | 'kernel_entry'
        | 'idle'
        | 'safe_point'
        | 'all_at_once'
        | 'forced'
        | 'forked'
    }
  | { readonly kind: 'signalled' }
  | { readonly kind: 'forced' }
  | { readonly kind: 'completed' }
  /** Nothing was changed, and it does not try again. */
  | { readonly kind: 'gave_up'; readonly why: string }
)

type WithoutTime<E> = E extends unknown ? Omit<E, 'atUs'> : never
export type ModelFact = WithoutTime<ModelEvent>

export type ModelStatus = 'at_rest' | 'in_progress' | 'applied' | 'gave_up'

/** One way to keep a running kernel consistent. Its hooks hang on the machine that it was made for. */
export interface ConsistencyModel extends Hooks {
  readonly system: System
  readonly events: readonly ModelEvent[]
  onEvent: ((event: ModelEvent) => void) | null
  readonly status: ModelStatus
  /** Throws when the system refuses at once; otherwise all that comes is told by events. */
  apply(patch: ModelPatch): void
  /**
   * Takes a patch out again, or turns round in the middle where the system can; the newest, unless a name is given.
   *
   * @returns why not, when it cannot
   */
  reverse(name?: string): string | null
  /** Ends the waiting without the safety that the waiting is for, where the system can. @returns why not */
  force?(): string | null
  /** Whether a call by this task reaches new code at this moment; null where there is no answer for a task. */
  universeOf(tid: number): 'old' | 'new' | null
}

/** Something that a model takes for true. Shown on the Lab's page and in docs/models. */
export interface Assumption {
  readonly system: System
  readonly says: string
  /** A number that the model works with, and its unit. */
  readonly value?: string
  /** published: by its makers; source: read in their code; inferred: by us from those; assumed: nobody says. */
  readonly basis: 'published' | 'source' | 'inferred' | 'assumed'
  /** Where: document, file, commit. */
  readonly source: string
}

import type { Assumption, ModelEvent, ModelStatus, System } from '../models/model.ts'

/** What the machine does in the Lab. */
export const LOADS = ['idle', 'web_server', 'database', 'asleep_in_function', 'kernel_threads'] as const
export type Load = (typeof LOADS)[number]

/** All that decides a run: two runs of one setting are the same to the byte. */
export interface LabSetting {
  readonly seed: number
  readonly load: Load
  /** Threads, user and kernel together. */
  readonly tasks: number
  readonly cpus: number
  /** Of those, so many sleep in a patched function for long when the patch is applied. */
  readonly sleepers: number
  /** Functions that the patch changes. */
  readonly functions: number
  /** Virtual seconds that are simulated after the patch is applied. */
  readonly seconds: number
}

/** What a task does over a stretch of time. */
export type LabActivity =
  | 'user'
  | 'kernel'
  | 'runnable'
  | 'asleep'
  | 'asleep_in_function'
  | 'frozen'
  | 'stopped'
  | 'gone'

export interface LabStretch {
  readonly fromUs: number
  readonly activity: LabActivity
  /** Which code its calls reach; null where the system has no answer for a task. */
  readonly universe: 'old' | 'new' | null
}

export interface LabTask {
  readonly tid: number
  readonly comm: string
  readonly kind: 'user' | 'kernel' | 'idle'
  /** In order; each lasts until the next begins. Time 0 is the moment of applying. */
  readonly stretches: readonly LabStretch[]
}

/** A call that reached a mix that a system with consistency would not have allowed. */
export interface MixedCall {
  readonly atUs: number
  readonly tid: number
  readonly caller: string
  readonly callee: string
}

export interface LabRun {
  readonly system: System
  readonly status: ModelStatus
  readonly endUs: number
  readonly tasks: readonly LabTask[]
  readonly events: readonly ModelEvent[]
  /** Stretches in which nothing runs. */
  readonly stops: readonly { readonly fromUs: number; readonly toUs: number }[]
  readonly completedUs: number | null
  readonly attempts: number
  /** Tasks that had not gone over at the end, and what holds each. */
  readonly never: readonly { readonly tid: number; readonly comm: string; readonly why: string }[]
  readonly mixed: readonly MixedCall[]
  readonly assumptions: readonly Assumption[]
}

/** One point of the sweep. */
export interface SweepPoint {
  readonly system: System
  readonly over: 'tasks' | 'sleepers' | 'functions'
  readonly value: number
  /** Longest stretch in which nothing runs, ms; median over seeds, and its range. */
  readonly pauseMs: readonly [least: number, median: number, most: number]
  /** Seconds until done; null: not within the time, in most runs. */
  readonly completionSeconds: readonly [least: number, median: number, most: number] | null
  readonly attempts: number
}

import type { Span } from '../core/random.ts'
import type { LivepatchFeatures } from '../kernel/kernel-facts.ts'
import type { Machine } from '../kernel/machine.ts'
import type { Task } from '../kernel/task.ts'
import type { ModelFact } from '../models/model.ts'

export type LivepatchFact = ModelFact

/** What livepatch needs from the kernel around it. */
export interface LivepatchEnvironment {
  readonly machine: Machine
  readonly features: LivepatchFeatures
  /** printk, without the prefix `livepatch: `. Priority 7 is a pr_debug, which dynamic debug lets through or not. */
  log(priority: number, text: string): void
  /** Symbols of vmlinux or of a module, in the order of its symbol table; null: any name is there, once. */
  symbols(object: string): readonly string[] | null
  takeModule(name: string): void
  putModule(name: string): void
  /** A transition begins, and is over. */
  onTransition(running: boolean): void
  onFact?(fact: LivepatchFact): void
  /** Tasks whose stacks can't be followed to their end, besides those that are too deep. */
  isStackReliable?(task: Task): boolean
}

/**
 * How long the parts of a change take, microseconds: assumed, of the order that a server shows. Emulated CPUs take up
 * to a hundred times as long.
 */
export const COSTS = {
  directory: { from: 30, to: 300 },
  initialize: { from: 50, to: 400 },
  /** Registering a function with ftrace, and taking it out, waits for all CPUs each time. */
  patchFunction: { from: 300, to: 3_000 },
  unpatchFunction: { from: 1_000, to: 8_000 },
  /** Between the start of a transition and the first pass. */
  start: { from: 20, to: 150 },
  /** A part of a pass; 2.5 to 3.6 µs a task (live-patching list, 2025-02-14). */
  passPart: { from: 80, to: 115 },
  /** klp_synchronize_transition: work on each CPU. */
  synchronize: { from: 500, to: 6_000 },
  callbacks: { from: 10, to: 60 },
  free: { from: 200, to: 3_000 },
  /** Until an idle CPU goes round its loop: after a kick, and without one. */
  idleKicked: { from: 5, to: 150 },
  idleUnkicked: { mean: 400_000 },
} satisfies Record<string, Span>

/** Tasks in one part of a pass. */
export const PASS_PART_TASKS = 32

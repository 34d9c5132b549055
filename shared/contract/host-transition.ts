import * as z from 'zod'
import { Instant, KernelName } from './primitives.ts'
import { BlockingTask } from './transition.ts'

export const TRANSITION_PHASES = ['loaded', 'signalled', 'reversed', 'forced', 'completed'] as const

export const TransitionPhase = z.strictObject({ kind: z.enum(TRANSITION_PHASES), at: Instant })
export type TransitionPhase = z.infer<typeof TransitionPhase>

/** The projection, and the condition under which it holds: shared/domain/transition-estimate.ts. */
export const TransitionEstimate = z.strictObject({
  tasksPerSecond: z.number().nullable(),
  /** null: nothing moves, so there is nothing to project. */
  endsAt: Instant.nullable(),
  condition: z.string().max(300),
})
export type TransitionEstimate = z.infer<typeof TransitionEstimate>

/** The transition that runs on a host or, when none does, the last one that was seen. */
export const TransitionView = z.strictObject({
  patch: KernelName,
  target: z.enum(['patching', 'unpatching']),
  startedAt: Instant,
  /** null while it runs. */
  endedAt: Instant.nullable(),
  stalled: z.boolean(),
  tasksTotal: z.int(),
  tasksRemaining: z.int(),
  tasksUnreadable: z.int(),
  samples: z.array(z.strictObject({ at: Instant, total: z.int(), remaining: z.int() })),
  phases: z.array(TransitionPhase),
  blocking: z.array(BlockingTask),
  blockingTotal: z.int(),
  estimate: TransitionEstimate,
  /** What is happening, in one sentence. */
  sentence: z.string().max(500),
})
export type TransitionView = z.infer<typeof TransitionView>

export const HostTransition = z.strictObject({ transition: TransitionView.nullable(), asOf: Instant })
export type HostTransition = z.infer<typeof HostTransition>

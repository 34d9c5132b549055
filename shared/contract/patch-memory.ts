import * as z from 'zod'
import { hostText, Instant, KernelName } from './primitives.ts'

/**
 * What the kernel shows only in passing, kept by the agent for as long as the boot id stays the same: sysfs forgets
 * that a patch was forced, when a transition began, and which patch replaced which.
 */
export const PatchMemory = z.strictObject({
  name: KernelName,
  /** Rises with each enabling seen; gives the stack order where `stack_order` is missing. */
  enabledOrder: z.int().min(0),
  enabledAt: Instant.nullable(),
  /** Start, or last reversal, of the transition now running; null when none runs. */
  transitionStartedAt: Instant.nullable(),
  /** Where that transition goes; null when none runs, or when it was under way before anything could tell. */
  direction: z.enum(['patching', 'unpatching']).nullable(),
  /** True once the transition's target was turned round. */
  reversed: z.boolean(),
  /** "signaling remaining tasks" during the present transition. */
  signalledAt: Instant.nullable(),
  completedAt: Instant.nullable(),
  forcedAt: Instant.nullable(),
  disabledAt: Instant.nullable(),
  supersededBy: KernelName.nullable(),
  /** Functions that turned out to be no-ops when a cumulative patch completed: object, name, sympos joined by `,`. */
  noops: z.array(hostText(700)).max(4096),
  /** Functions of a cumulative patch in transition that its module has a symbol for, so no no-ops; written likewise. */
  replacements: z.array(hostText(700)).max(4096),
})
export type PatchMemory = z.infer<typeof PatchMemory>

/** The kernel log records that livepatch writes: kernel/livepatch/{core,transition}.c. */
export const KERNEL_EVENT_KINDS = [
  'enabling',
  'transition_started',
  'transition_completed',
  'signalled',
  'forced',
  'enable_failed',
  'object_applied',
  'object_reverted',
] as const

export const KernelEvent = z.strictObject({
  /** Sequence number of the /dev/kmsg record, unique within a boot. */
  sequence: z.int().min(0),
  at: Instant,
  kind: z.enum(KERNEL_EVENT_KINDS),
  patch: KernelName.nullable(),
  /** Which way a transition goes: livepatch.rst, "patching" in, "unpatching" out. */
  direction: z.enum(['patching', 'unpatching']).nullable(),
  object: KernelName.nullable(),
  text: hostText(512),
})
export type KernelEvent = z.infer<typeof KernelEvent>

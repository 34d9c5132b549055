import * as z from 'zod'
import { PATCH_STATES } from '../domain/words.ts'
import { hostText, Instant, KernelName } from './primitives.ts'

/**
 * One patch's place on a function's stack. A cumulative patch in transition lists, beside its own, the functions of
 * the patches that it replaces: those are no-ops and lead back to the original (klp_add_nops). sysfs cannot tell the
 * two apart until the transition is over, so what is not known is `unknown`.
 */
export const RedirectionEntry = z.strictObject({
  patch: KernelName,
  order: z.int(),
  kind: z.enum(['replacement', 'noop', 'unknown']),
  /** Share of tasks, 0 to 1, that a call now leads here; null: cannot be told. */
  share: z.number().min(0).max(1).nullable(),
})
export type RedirectionEntry = z.infer<typeof RedirectionEntry>

export const RedirectedFunction = z.strictObject({
  name: hostText(512),
  sympos: z.int(),
  /** Newest patch first. */
  entries: z.array(RedirectionEntry),
  /** Share of tasks that still reach the original. */
  originalShare: z.number().min(0).max(1).nullable(),
  /** Where a task on the target side gets to: a patch's name, or null for the original. */
  reached: KernelName.nullable(),
  /** Whether ftrace holds the function as livepatch needs it; `unknown` where tracefs could not be read. */
  ftrace: z.enum(['confirmed', 'missing', 'waiting', 'unknown']),
  ftraceLine: hostText(512).nullable(),
})
export type RedirectedFunction = z.infer<typeof RedirectedFunction>

export const RedirectedObject = z.strictObject({
  name: KernelName,
  /** false: the module to be patched is not loaded; its functions wait. */
  loaded: z.boolean().nullable(),
  functions: z.array(RedirectedFunction),
})
export type RedirectedObject = z.infer<typeof RedirectedObject>

export const RedirectionPatch = z.strictObject({
  name: KernelName,
  order: z.int(),
  state: z.enum(PATCH_STATES),
  stalled: z.boolean(),
  forced: z.boolean(),
  replace: z.boolean().nullable(),
})
export type RedirectionPatch = z.infer<typeof RedirectionPatch>

export const RedirectionMap = z.strictObject({
  /** In the stack, newest first. */
  patches: z.array(RedirectionPatch),
  objects: z.array(RedirectedObject),
  /** Tasks on the target side and in all while a transition runs. */
  tasks: z.strictObject({ total: z.int(), switched: z.int() }).nullable(),
  functionCount: z.int(),
})
export type RedirectionMap = z.infer<typeof RedirectionMap>

export const HostRedirections = RedirectionMap.extend({ readAt: Instant.nullable(), asOf: Instant })
export type HostRedirections = z.infer<typeof HostRedirections>

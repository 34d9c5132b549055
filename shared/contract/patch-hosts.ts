import * as z from 'zod'
import { CONFLICTS, FIT_NOTES, FITS, MISFITS, MISSING_FACTS } from '../domain/patch-words.ts'
import { HOST_ORIGINS } from '../domain/words.ts'
import { HostId, hostText, Instant, KernelName } from './primitives.ts'
import { Sha256 } from './signed.ts'
import { TaskLook } from './task-look.ts'

const HostReference = z.strictObject({ id: HostId, name: hostText(255), kernelRelease: hostText(128) })
const sentence = z.string().max(700)

export const FIT_REASONS = [...MISFITS, ...MISSING_FACTS, ...FIT_NOTES] as const
export type FitReasonCode = (typeof FIT_REASONS)[number]

/** `no` forbids, `unknown` is what is missing to decide, `note` does neither. */
export const FitReason = z.strictObject({
  code: z.enum(FIT_REASONS),
  kind: z.enum(['no', 'unknown', 'note']),
  text: sentence,
})
export type FitReason = z.infer<typeof FitReason>

export const HostFit = z.strictObject({
  host: HostReference,
  fits: z.enum(FITS),
  /** What would be loaded: of a set the one for this kernel; null: none, or there is no file. */
  module: Sha256.nullable(),
  /** Livepatches that it would take the place of, by name. */
  replaces: z.array(KernelName),
  reasons: z.array(FitReason),
})
export type HostFit = z.infer<typeof HostFit>

const HostPageQuery = {
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(512).optional(),
}

export const PatchFitQuery = z.strictObject({
  ...HostPageQuery,
  /** Only hosts with this answer. */
  fits: z.enum(FITS).optional(),
  /** Only hosts with this reason. */
  reason: z.enum(FIT_REASONS).optional(),
  /** Words of the host filter: which hosts are looked at, and counted. */
  filter: z.string().max(1000).default(''),
})
export type PatchFitQuery = z.infer<typeof PatchFitQuery>

export const PatchFit = z.strictObject({
  counts: z.strictObject({ yes: z.int(), no: z.int(), unknown: z.int() }),
  /** Hosts under each reason, most first; a host with several stands under each. */
  reasons: z.array(z.strictObject({ code: z.enum(FIT_REASONS), kind: FitReason.shape.kind, hosts: z.int() })),
  /** By name. */
  items: z.array(HostFit),
  nextCursor: z.string().nullable(),
  /** Of `items`, all pages. */
  total: z.int(),
  asOf: Instant,
})
export type PatchFit = z.infer<typeof PatchFit>

const FunctionName = { object: KernelName, function: hostText(512) }

export const FunctionConflict = z.strictObject({
  kind: z.enum(CONFLICTS),
  ...FunctionName,
  /** The patch or system that has it; null: not known which, or none. */
  by: hostText(128).nullable(),
  /** The kernel will refuse the patch because of it; null: that depends on what is not known. */
  refuses: z.boolean().nullable(),
  text: sentence,
})
export type FunctionConflict = z.infer<typeof FunctionConflict>

/** A task that sleeps in a function of the patch now: the transition will wait for it. */
export const Sleeper = z.strictObject({
  ...FunctionName,
  pid: z.int(),
  comm: hostText(64),
  unit: hostText(256).nullable(),
  kernelThread: z.boolean(),
  text: sentence,
})
export type Sleeper = z.infer<typeof Sleeper>

export const HostForecast = z.strictObject({
  host: HostReference.extend({ origin: z.enum(HOST_ORIGINS) }),
  /** null: it cannot be told, and `unknown` says why. */
  willRefuse: z.boolean().nullable(),
  /** True: tasks are known that it will wait for. Null: whether there are any is not known. Never false: tasks move. */
  willStall: z.literal(true).nullable(),
  /** At most fifty, those that refuse first. */
  conflicts: z.array(FunctionConflict),
  conflictTotal: z.int(),
  sleepers: z.array(Sleeper),
  /** When its agent was asked who sleeps in these functions; null: it was not, or too long ago to count. */
  look: TaskLook.pick({
    lookedAt: true,
    tasksTotal: true,
    tasksRead: true,
    sleepingTotal: true,
    counts: true,
  }).nullable(),
  /** What could not be looked at on this host. */
  unknown: z.array(sentence),
})
export type HostForecast = z.infer<typeof HostForecast>

export const PatchForecastQuery = z.strictObject({
  ...HostPageQuery,
  /** Words of the host filter: which hosts are looked at. */
  filter: z.string().max(1000).default(''),
})
export type PatchForecastQuery = z.infer<typeof PatchForecastQuery>

export const PatchForecast = z.strictObject({
  /** Hosts that run its kernel: only those are looked at. */
  looked: z.int(),
  refusing: z.int(),
  stalling: z.int(),
  /** Hosts whose tasks were looked at for it within the last minutes. */
  tasksLookedAt: z.int(),
  /** Function by function over all hosts, those on most hosts first. */
  functions: z.array(
    z.strictObject({ ...FunctionName, conflicts: z.array(z.enum(CONFLICTS)), sleeping: z.int(), hosts: z.int() }),
  ),
  /** Hosts with a conflict, a sleeper or something unknown: those that will stall first, then those that will refuse. */
  items: z.array(HostForecast),
  nextCursor: z.string().nullable(),
  total: z.int(),
  /** What a forecast from here cannot know at all. */
  cannotKnow: z.array(sentence),
  asOf: Instant,
})
export type PatchForecast = z.infer<typeof PatchForecast>

export const TaskLookRequest = z.strictObject({
  /** Words of the host filter: which hosts are asked. */
  filter: z.string().max(1000).default(''),
})

/** How many hosts were asked who sleeps in the functions; what they answer is in the forecast. */
export const TaskLookAsked = z.strictObject({
  asked: z.int(),
  /** Asked or answered within the last minute. */
  justAsked: z.int(),
  /** More than are asked at once: to be asked by a later request. */
  beyond: z.int(),
  /** Their agent is older than the question. */
  older: z.int(),
  /** Not connected, or which functions their module has is not known. */
  apart: z.int(),
})
export type TaskLookAsked = z.infer<typeof TaskLookAsked>

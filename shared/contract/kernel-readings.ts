import * as z from 'zod'
import { KERNEL_INCIDENT_KINDS } from '../domain/kernel-incidents.ts'
import { ErrnoName, hostText, Instant, KernelName } from './primitives.ts'

/** Those that a message carries: the newest; how many there were in all, `counts` says. */
export const INCIDENTS_TOLD_MAX = 16

/** A function in the trace of an incident that livepatches bear on. */
export const PatchedFrame = z.strictObject({
  function: hostText(128),
  patch: KernelName,
  /** The code is the livepatch's own; false: it is a function that the livepatch takes the place of. */
  own: z.boolean(),
})
export type PatchedFrame = z.infer<typeof PatchedFrame>

/** One report of the kernel's log that all is not well: an oops, a warning, a lockup and the like. */
export const KernelIncident = z.strictObject({
  /** Sequence number of the /dev/kmsg record that it begins with, unique within a boot. */
  sequence: z.int().min(0),
  at: Instant,
  kind: z.enum(KERNEL_INCIDENT_KINDS),
  /** The record that names it, as far as that goes. */
  text: hostText(300),
  /** Where the kernel was: the first function that the report names; null: it names none. */
  function: hostText(128).nullable(),
  /** The first function of its trace that livepatches bear on; null: none stands in it. */
  patched: PatchedFrame.nullable(),
})
export type KernelIncident = z.infer<typeof KernelIncident>

/** The line `some` of a file of /proc/pressure: Documentation/accounting/psi.rst. */
export const Pressure = z.strictObject({
  /** Per cent of the time in which some task waited. */
  avg10: z.number().min(0).max(100),
  avg60: z.number().min(0).max(100),
  avg300: z.number().min(0).max(100),
  /** Microseconds since the boot. */
  total: z.int().min(0),
})
export type Pressure = z.infer<typeof Pressure>

/** How a kernel fares: what its log tells of, and how much its tasks wait. */
export const KernelReadings = z.strictObject({
  readAt: Instant,
  bootId: hostText(64).nullable(),
  log: z.strictObject({
    /** Why it cannot be read; null: it is followed. */
    errno: ErrnoName.nullable(),
    /** Since then no record was missed; null: it is not followed. */
    completeSince: Instant.nullable(),
    /** Records of this boot that were overwritten before the agent read them. */
    lost: z.int().min(0),
    /** Of this boot, as far as the log went back. */
    counts: z.record(z.enum(KERNEL_INCIDENT_KINDS), z.int().min(0)),
    /** The newest, oldest first. */
    incidents: z.array(KernelIncident).max(INCIDENTS_TOLD_MAX),
  }),
  pressure: z.strictObject({
    /** Why there is none: ENOENT, the kernel is built without it; EOPNOTSUPP, it was booted with it off. */
    errno: ErrnoName.nullable(),
    cpu: Pressure.nullable(),
    memory: Pressure.nullable(),
    io: Pressure.nullable(),
  }),
  /** /proc/loadavg: over one, five and fifteen minutes. */
  load: z.tuple([z.number().min(0), z.number().min(0), z.number().min(0)]).nullable(),
})
export type KernelReadings = z.infer<typeof KernelReadings>

export const HostKernelReadings = z.strictObject({
  /** Null: its agent has told none. */
  readings: KernelReadings.nullable(),
  /** Why nothing is known of its incidents, in a sentence; null: they are known. */
  unknown: z.string().max(300).nullable(),
  /** Of all its boots as far as they are kept, the newest first. */
  incidents: z.array(KernelIncident.extend({ bootId: hostText(64) })),
  /** Means over the last hour, in per cent of the time and as a load; null: not known. */
  lastHour: z.strictObject({
    cpu: z.number().nullable(),
    memory: z.number().nullable(),
    io: z.number().nullable(),
    load: z.number().nullable(),
  }),
  asOf: Instant,
})
export type HostKernelReadings = z.infer<typeof HostKernelReadings>

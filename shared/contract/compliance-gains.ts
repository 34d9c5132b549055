import * as z from 'zod'
import { SEVERITIES } from '../domain/exposure/exposure-words.ts'
import { DEFAULT_WINDOW, REBOOT_WINDOWS } from '../domain/gains/reboot-window.ts'
import { ComplianceFilter } from './compliance-policy.ts'
import { Instant } from './primitives.ts'

const Count = z.int().min(0)
const Milliseconds = z.number().min(0)

export const ComplianceGainsQuery = z.strictObject({
  /** A past moment; left out: now. */
  at: Instant.optional(),
  filter: ComplianceFilter.default(''),
  days: z.coerce.number().int().min(1).max(366).default(90),
  /** The day of each month on which hosts would be booted, were there no livepatches. */
  window: z.enum(REBOOT_WINDOWS).default(DEFAULT_WINDOW),
  /** How long a boot takes, for the uptime that was kept. */
  bootMinutes: z.coerce.number().int().min(1).max(600).default(10),
})
export type ComplianceGainsQuery = z.infer<typeof ComplianceGainsQuery>

const Spread = z.strictObject({ mean: Milliseconds, median: Milliseconds })
/** As it was, by livepatch; and the same CVEs on the same hosts until the first window after a fix was there. */
const Compared = z.strictObject({ live: Spread, window: Spread })

export const TimeToPatch = z.strictObject({
  /** CVEs on hosts that were open and that a livepatch in effect fixed. */
  exposures: Count,
  /** From the publication, the first reading of the host, or when it was open again: whichever came last. */
  fromPublication: Compared,
  /** Since a fix was there, too. */
  fromFix: Compared,
})
export type TimeToPatch = z.infer<typeof TimeToPatch>

export const ComplianceGains = z.strictObject({
  sentence: z.string(),
  /** What happened after it, up to `until`, is counted. */
  from: Instant,
  until: Instant,
  /** When the first of these hosts was first read; null: there is none. What was before is not known. */
  readSince: Instant.nullable(),
  window: z.enum(REBOOT_WINDOWS),
  /** Days of the windows that came in the time while hosts were read, and of the next one. */
  windowsPassed: z.array(z.iso.date()).max(14),
  nextWindow: z.iso.date(),
  reboots: z.strictObject({
    avoided: Count,
    /** Hosts with at least one that was avoided. */
    hosts: Count,
    /** Hosts that booted until the window all the same. */
    bootedAnyway: Count,
    /** Hosts that would need one by the next window, and have not booted. */
    pending: Count,
  }),
  bootMinutes: Count,
  uptimeKeptMs: Milliseconds,
  /** How long hosts have run since their last boot, as they say; null: of the past it is not kept, or none says it. */
  running: z.strictObject({ hosts: Count, medianMs: Milliseconds, longestMs: Milliseconds }).nullable(),
  timeToPatch: z.strictObject({
    /** Null: no livepatch fixed anything that was open. */
    all: TimeToPatch.nullable(),
    /** Worst severity first, those of which something was fixed. */
    bySeverity: z.array(TimeToPatch.extend({ severity: z.enum(SEVERITIES) })).max(SEVERITIES.length),
  }),
  /** How it is counted, a sentence each. */
  method: z.array(z.string()),
  asOf: Instant,
})
export type ComplianceGains = z.infer<typeof ComplianceGains>

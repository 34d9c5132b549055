import * as z from 'zod'
import { HOST_ORIGINS } from '../domain/words.ts'
import { Labels } from './labels.ts'
import { HostId, hostText, Instant } from './primitives.ts'
import { CveId } from './provider.ts'

/** The longest period of one answer. */
export const HOST_HOUR_DAYS_MAX = 731
export const GAP_HOSTS_MAX = 25
export const GAPS_OF_HOST_MAX = 20

export const HostHoursQuery = z.strictObject({
  /** Words of the filter that are recorded of the past: `name`, `label.KEY`, `origin`, `kernel`, `arch`; as they were at each hour. */
  filter: z.string().max(1000).default(''),
  /** Left out: from disclosure. Never before disclosure, nor before the first of the hosts was read. */
  from: Instant.optional(),
  /** What has not been yet is not counted; left out: now. */
  to: Instant.optional(),
})
export type HostHoursQuery = z.infer<typeof HostHoursQuery>

/** Hours of hosts, to a thousandth (4 s). The first four are apart from each other and are the exposure; the others are in no total. */
const parts = {
  /** No fix was available for the host's kernel. */
  before_fix: z.number().min(0),
  /** A fix was available, and neither in effect nor in transition. */
  before_loaded: z.number().min(0),
  /** A livepatch was in transition: tasks may still have run the old code. */
  in_transition: z.number().min(0),
  /** A fix that had been in effect was gone again. */
  gap: z.number().min(0),
  /** Nothing that was read tells. */
  unknown: z.number().min(0),
  /** The host was known, and the CVE not judged yet. */
  unjudged: z.number().min(0),
}

const HostGap = z.strictObject({
  from: Instant,
  /** The end of the period, where it goes on. */
  to: Instant,
  goesOn: z.boolean(),
  hours: z.number().min(0),
  /** A livepatch was in transition in it, as in an upgrade. */
  inTransition: z.boolean(),
})

const GapHost = z.strictObject({
  host: z.strictObject({ id: HostId, name: hostText(255), origin: z.enum(HOST_ORIGINS), labels: Labels }),
  /** It is not there any more. */
  removed: z.boolean(),
  /** Of all its gaps. */
  hours: z.number().min(0),
  gapCount: z.int(),
  /** The newest, oldest first. */
  gaps: z.array(HostGap).max(GAPS_OF_HOST_MAX),
})
export type GapHost = z.infer<typeof GapHost>

/** How many hours hosts were exposed to one CVE, and at which stage between its disclosure and the end of their transitions. */
export const HostHours = z.strictObject({
  id: CveId,
  /** The period that was reckoned, half-open. */
  from: Instant,
  to: Instant,
  disclosedOn: z.iso.date().nullable(),
  /** When the first of these hosts was read: of earlier hours nothing is known. Null: none was until `to`. */
  knownSince: Instant.nullable(),
  /** Hosts that were exposed in the period. */
  exposedHosts: z.int(),
  hours: z.strictObject(parts),
  /** Of `before_fix`: hours in which no feed names a fix for the kernel at all. */
  hoursWithoutFix: z.number().min(0),
  /** Of `before_loaded` and `in_transition`: the fix is counted since a feed first named it, as none dates it. */
  hoursOfUndatedFix: z.number().min(0),
  /** The first and the last day on which a fix came, over kernels of exposed hosts; null: none is known. */
  fixAvailable: z.strictObject({ first: z.iso.date(), last: z.iso.date() }).nullable(),
  /** Every day (UTC) of the period, oldest first. */
  days: z.array(z.strictObject({ day: z.iso.date(), ...parts })).max(HOST_HOUR_DAYS_MAX + 1),
  gapHostCount: z.int(),
  /** Those with the most hours of gaps. */
  gapHosts: z.array(GapHost).max(GAP_HOSTS_MAX),
})
export type HostHours = z.infer<typeof HostHours>

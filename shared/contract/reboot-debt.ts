import * as z from 'zod'
import { PLANNED_WORDS, REBOOT_REASONS } from '../domain/reboot-debt/reboot-debt-words.ts'
import { HOST_ORIGINS, REBOOT_ANSWERS } from '../domain/words.ts'
import { Labels } from './labels.ts'
import { HostId, hostText, Instant, ReasonText } from './primitives.ts'
import { CveId } from './provider.ts'

const Count = z.int().min(0)
/** Of UTC, as all days here. */
const Day = z.iso.date()
const answer = z.enum(REBOOT_ANSWERS)
const reason = z.enum(REBOOT_REASONS)
/** Words of the filter of hosts: shared/domain/filter.ts. */
const filter = z.string().max(1000).default('')

export const RebootDebtQuery = z.strictObject({
  filter,
  /** Hosts that need a boot for this, whatever else they need it for. */
  reason: reason.optional(),
  /** Left out: `yes` and `yes_but_covered`, or all where plans are asked for. */
  answer: answer.optional(),
  plan: z.enum(PLANNED_WORDS).optional(),
  /** Hosts that are planned for that day. */
  day: Day.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(300).optional(),
})
export type RebootDebtQuery = z.infer<typeof RebootDebtQuery>

export const RebootDebtReason = z.strictObject({
  reason,
  /** `yes_but_covered`: nothing is missing until then. */
  answer: z.enum(['yes', 'yes_but_covered']),
  /** Of CVEs: that of the worst which has been so longest. */
  since: Instant,
  /** `seen`: nothing tells when it began, so this is when it was first read; it may be older. */
  sinceIs: z.enum(['told', 'seen']),
  /** One full sentence. */
  why: z.string().max(600),
  /** Where it is for CVEs: the worst of them, and how many there are. */
  cves: z.strictObject({ worst: z.array(CveId).max(5), count: Count }).nullable(),
})
export type RebootDebtReason = z.infer<typeof RebootDebtReason>

export const RebootPlan = z.strictObject({
  id: z.uuid(),
  on: Day,
  owner: z.string(),
  reason: z.string(),
  setBy: z.string(),
  setAt: Instant,
  /** The day is over, and the host has not booted. */
  overdue: z.boolean(),
})
export type RebootPlan = z.infer<typeof RebootPlan>

export const RebootDebtHost = z.strictObject({
  id: HostId,
  name: hostText(255),
  origin: z.enum(HOST_ORIGINS),
  labels: Labels,
  kernelRelease: hostText(128),
  answer,
  /** What weighs most first. */
  reasons: z.array(RebootDebtReason),
  /** The last day on which live patches for its kernel come, as its tool says. */
  coverageUntil: Day.nullable(),
  plan: RebootPlan.nullable(),
  bootedAt: Instant.nullable(),
  readAt: Instant.nullable(),
})
export type RebootDebtHost = z.infer<typeof RebootDebtHost>

/** Of all hosts of scope and filter, whatever else is asked for. */
export const RebootDebtCounts = z.strictObject({
  hosts: Count,
  byAnswer: z.record(answer, Count),
  /** All reasons; a host counts in each of its own. `covered`: those of them that can wait. */
  byReason: z.array(z.strictObject({ reason, hosts: Count, covered: Count })).length(REBOOT_REASONS.length),
  /** Hosts with a date; `unplanned` need a boot (`yes`) and have none. */
  plans: z.strictObject({ planned: Count, overdue: Count, unplanned: Count }),
})
export type RebootDebtCounts = z.infer<typeof RebootDebtCounts>

/** What is not covered first, then by name. */
export const RebootDebtList = z.strictObject({
  /** `12 of 60 hosts need a reboot, most of them for a newer kernel; 3 plans are overdue.` */
  sentence: z.string(),
  counts: RebootDebtCounts,
  items: z.array(RebootDebtHost),
  nextCursor: z.string().nullable(),
  total: Count,
  asOf: Instant,
})
export type RebootDebtList = z.infer<typeof RebootDebtList>

/** A date and an owner for hosts, in the place of what they had; or none. */
export const RebootPlansChange = z.strictObject({
  hosts: z.union([
    z.strictObject({ ids: z.array(HostId).min(1).max(1000) }),
    /** All that a list of these words holds. The filter is never left out: an empty one means the whole fleet. */
    RebootDebtQuery.pick({ reason: true, answer: true, plan: true, day: true }).extend({
      filter: z.string().max(1000),
    }),
  ]),
  /** Null: the plans are taken back. */
  plan: z.strictObject({ on: Day, owner: z.string().trim().min(1).max(120) }).nullable(),
  reason: ReasonText,
})
export type RebootPlansChange = z.infer<typeof RebootPlansChange>

export const RebootPlansChanged = z.strictObject({
  /** Whose plan was set or taken back. */
  hosts: Count,
})
export type RebootPlansChanged = z.infer<typeof RebootPlansChanged>

const DAYS_MAX = 100
const DAY_MS = 24 * 60 * 60_000
export const RebootDaysQuery = z
  .strictObject({ filter, from: Day, to: Day })
  .refine(({ from, to }) => from <= to && Date.parse(to) - Date.parse(from) < DAYS_MAX * DAY_MS, {
    path: ['to'],
    error: `to is the day of from or a later one, less than ${DAYS_MAX} days on`,
  })
export type RebootDaysQuery = z.infer<typeof RebootDaysQuery>

export const RebootDay = z.strictObject({
  day: Day,
  /** Hosts that are planned for it and have not booted since; on a day that is over they are overdue. */
  open: Count,
  /** Hosts that were planned for it and have booted, then or on another day. */
  done: Count,
  /** Hosts that get live patches for their kernel for the last time on it, as their tools say. */
  coverageEnds: Count,
})
export type RebootDay = z.infer<typeof RebootDay>

export const RebootDays = z.strictObject({
  /** Those with anything on them, earliest first. */
  days: z.array(RebootDay),
  /** Before `today`, in the range or not. */
  overdue: Count,
  today: Day,
  asOf: Instant,
})
export type RebootDays = z.infer<typeof RebootDays>

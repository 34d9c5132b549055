import * as z from 'zod'
import {
  CLOCK_STARTS,
  EXCEPTION_STATES,
  SUPPORTED_RULES,
  UNKNOWN_COUNTS,
  WEEKDAYS,
} from '../domain/compliance/compliance-words.ts'
import { parseComplianceFilter } from '../domain/compliance/host-filter.ts'
import { SEVERITIES } from '../domain/exposure/exposure-words.ts'
import { isTimeZone } from '../domain/rollouts/windows.ts'
import { Instant, ReasonText } from './primitives.ts'
import { CveId } from './provider.ts'

/** Words of the filter language of which past moments can be told: name, label.KEY, kernel, arch, origin. */
export const ComplianceFilter = z
  .string()
  .trim()
  .max(1000)
  .refine((text) => parseComplianceFilter(text).ok, {
    error: ({ input }) => {
      const parsed = parseComplianceFilter(String(input))
      return parsed.ok ? 'no filter' : parsed.detail
    },
  })

const Days = z.int().min(0).max(3650)
/** Null: this severity is due never. */
const DaysBySeverity = z.strictObject({
  critical: Days.nullable(),
  high: Days.nullable(),
  medium: Days.nullable(),
  low: Days.nullable(),
  /** Nobody has scored it. */
  unknown: Days.nullable(),
})

/** In which days are counted. A date is over at midnight of its own place. */
export const ComplianceCalendar = z.strictObject({
  timeZone: z.string().max(64).refine(isTimeZone, { error: 'write a time zone, such as Europe/Berlin or UTC' }),
  count: z.enum(['calendar_days', 'working_days']),
  workingDays: z.array(z.enum(WEEKDAYS)).min(1).max(7),
  holidays: z.array(z.iso.date()).max(500),
})
export type ComplianceCalendar = z.infer<typeof ComplianceCalendar>

export const SlaOverride = z.strictObject({
  name: z.string().trim().min(1).max(64),
  /** Of several that hold a host, the shortest days count. */
  hosts: ComplianceFilter.refine((text) => text !== '', { error: 'say which hosts' }),
  days: DaysBySeverity,
  knownExploitedDays: Days.nullable(),
})
export type SlaOverride = z.infer<typeof SlaOverride>

export const SlaSpec = z.strictObject({
  days: DaysBySeverity,
  /** From the day on which CISA's catalogue has it; whichever is earlier, this or the severity's. Null: no row of its own. */
  knownExploitedDays: Days.nullable(),
  clock: z.enum(CLOCK_STARTS),
  /** True: on a host that came later, the clock starts when it was first seen exposed. False: it started before. */
  notBeforeSeen: z.boolean(),
  unknown: z.enum(UNKNOWN_COUNTS),
  supported: z.enum(SUPPORTED_RULES),
  calendar: ComplianceCalendar,
  overrides: z.array(SlaOverride).max(50),
})
export type SlaSpec = z.infer<typeof SlaSpec>

export const SlaPolicy = z.strictObject({
  /** 0: the default, which nobody has changed. */
  version: z.int().min(0),
  spec: SlaSpec,
  setBy: z.string().nullable(),
  setAt: Instant.nullable(),
  reason: z.string().nullable(),
})
export type SlaPolicy = z.infer<typeof SlaPolicy>

export const SlaPolicyAnswer = z.strictObject({
  policy: SlaPolicy,
  /** Newest first, without the default; the newest hundred. */
  history: z.array(SlaPolicy.omit({ spec: true })),
})
export type SlaPolicyAnswer = z.infer<typeof SlaPolicyAnswer>

export const SlaPolicyChange = z.strictObject({
  spec: SlaSpec,
  reason: ReasonText,
  /** The version that was looked at: another one meanwhile, and nothing is changed. */
  basedOn: z.int().min(0),
})
export type SlaPolicyChange = z.infer<typeof SlaPolicyChange>

/** What is accepted: one CVE, or all of one severity. */
export const ExceptionSubject = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cve'), cveId: CveId }),
  z.strictObject({ kind: z.literal('severity'), severity: z.enum(SEVERITIES) }),
])
export type ExceptionSubject = z.infer<typeof ExceptionSubject>

export const NewException = z.strictObject({
  subject: ExceptionSubject,
  /** Empty: all hosts. */
  hosts: ComplianceFilter,
  /** Who answers for it: a person or team, in people's own words. */
  owner: z.string().trim().min(1).max(120),
  reason: ReasonText,
  /** At most a year from now. */
  until: Instant,
})
export type NewException = z.infer<typeof NewException>

export const ComplianceException = NewException.extend({
  id: z.uuid(),
  hosts: z.string(),
  until: Instant,
  state: z.enum(EXCEPTION_STATES),
  requestedBy: z.string(),
  requestedAt: Instant,
  approvedBy: z.string().nullable(),
  approvedAt: Instant.nullable(),
  endedBy: z.string().nullable(),
  endedAt: Instant.nullable(),
  endedReason: z.string().nullable(),
})
export type ComplianceException = z.infer<typeof ComplianceException>
/** Just asked for. `warning`, a sentence: what may be a mistake in it; null: nothing. */
export const AskedException = ComplianceException.extend({ warning: z.string().nullable() })
export type AskedException = z.infer<typeof AskedException>

export const ExceptionListQuery = z.strictObject({
  state: z.enum([...EXCEPTION_STATES, 'open']).default('open'),
  /** Those in effect that end within so many days. */
  endingWithinDays: z.coerce.number().int().min(1).max(366).optional(),
})
export type ExceptionListQuery = z.infer<typeof ExceptionListQuery>

/** `open`: requested and in effect. Those that end first stand first. */
export const ExceptionList = z.strictObject({ items: z.array(ComplianceException).max(2000), asOf: Instant })
export type ExceptionList = z.infer<typeof ExceptionList>

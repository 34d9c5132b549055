import * as z from 'zod'
import { SUPPORTED_RULES, TREND_DIMENSIONS } from '../domain/compliance/compliance-words.ts'
import { DOUBTS, SEVERITIES } from '../domain/exposure/exposure-words.ts'
import { HOST_ORIGINS } from '../domain/words.ts'
import { ComplianceFilter } from './compliance-policy.ts'
import { Labels } from './labels.ts'
import { HostId, hostText, Instant } from './primitives.ts'
import { CveId } from './provider.ts'

const Count = z.int().min(0)
const severity = z.enum(SEVERITIES)

export const ComplianceQuery = z.strictObject({
  /** A past moment; left out: now. */
  at: Instant.optional(),
  filter: ComplianceFilter.default(''),
  /** Days that the forecast looks ahead. */
  within: z.coerce.number().int().min(1).max(90).default(14),
})
export type ComplianceQuery = z.infer<typeof ComplianceQuery>

/**
 * Counts of hosts. Open is a CVE that the running kernel has (`exposed`, `fixed_on_disk`), unless an exception accepts it. A host
 * is within its SLA when it is judged and nothing open on it is past its due date.
 */
export const ComplianceCounts = z.strictObject({
  hosts: Count,
  /** Those whose exposure is known. */
  judged: Count,
  within: Count,
  /** With something open. */
  exposed: Count,
  overdue: Count,
})
export type ComplianceCounts = z.infer<typeof ComplianceCounts>

export const ComplianceOfLabel = ComplianceCounts.extend({
  /** Null: hosts without the label. */
  value: hostText(255).nullable(),
})
export type ComplianceOfLabel = z.infer<typeof ComplianceOfLabel>

/** A CVE on one host. */
export const OpenExposure = z.strictObject({
  cveId: CveId,
  severity,
  knownExploited: z.boolean(),
  /** The host has been exposed without a break since; other classes and reboots between do not break it. */
  since: Instant,
  /** Null: its clock has not started (no fix yet), or this severity is due never. */
  dueAt: Instant.nullable(),
  /** Whole days past the due date; null: it is not past. */
  overdueDays: Count.nullable(),
})
export type OpenExposure = z.infer<typeof OpenExposure>

export const ComplianceOfSeverity = z.strictObject({
  severity,
  /** Open on at least one host. */
  cves: Count,
  overdueCves: Count,
  hosts: Count,
  overdueHosts: Count,
  /** The one that was due first. */
  oldest: OpenExposure.nullable(),
})
export type ComplianceOfSeverity = z.infer<typeof ComplianceOfSeverity>

export const ComplianceForecast = z.strictObject({
  withinDays: Count,
  /** Hosts on which something open was fixed, a day, over `paceDays`. */
  hostsPerDay: z.number().min(0),
  paceDays: Count,
  /** Hosts that are within now and will not be. */
  hosts: Count,
  /** The first hundred to breach. */
  which: z.array(z.strictObject({ id: HostId, name: hostText(255), breachAt: Instant, cveId: CveId })).max(100),
  /** How it is reckoned, in a sentence or two. */
  method: z.string(),
})
export type ComplianceForecast = z.infer<typeof ComplianceForecast>

export const ComplianceSummary = z.strictObject({
  /** `98.2 % of hosts within SLA; 61 exposed to 3 critical CVEs, the oldest by 4 days; 12 CVEs not known on 7.` */
  sentence: z.string(),
  counts: ComplianceCounts,
  /** Worst severity first; all five. */
  bySeverity: z.array(ComplianceOfSeverity).length(SEVERITIES.length),
  /** Most overdue hosts first; of more than two hundred values the first. */
  byOwner: z.array(ComplianceOfLabel).max(200),
  byDatacentre: z.array(ComplianceOfLabel).max(200),
  knownExploited: z.strictObject({ cves: Count, hosts: Count, overdueHosts: Count }),
  /** What exceptions take out. */
  accepted: z.strictObject({ exceptions: Count, cves: Count, hosts: Count }),
  /** Fixed by a kernel that is on disk and does not run: part of what is open. */
  fixedOnDisk: z.strictObject({ cves: Count, hosts: Count }),
  /** Nobody knows whether these hosts have these CVEs; never counted as fixed. */
  unknown: z.strictObject({ cves: Count, hosts: Count }),
  /** Hosts by why what is said of them is less certain. */
  doubts: z.array(z.strictObject({ doubt: z.enum(DOUBTS), hosts: Count })),
  /** By the rule that the policy chose. `unknown`: not judged. */
  supported: z.strictObject({ rule: z.enum(SUPPORTED_RULES), hosts: Count, not: Count, unknown: Count }),
  /** The most overdue, else the next due, else the longest open. */
  oldest: OpenExposure.extend({ hostId: HostId, hostName: hostText(255), hosts: Count }).nullable(),
  forecast: ComplianceForecast,
  policyVersion: Count,
  /** The feeds that counted; null: of a past moment, of which each verdict names its own. */
  judgedBy: z
    .array(
      z.strictObject({
        name: z.string(),
        /** When it was last read to its end; null: never yet. */
        readAt: Instant.nullable(),
        /** Of what ships with this version: the day up to which its facts go. */
        factsUntil: z.iso.date().nullable(),
      }),
    )
    .nullable(),
  /** The moment that this tells of: dates were compared with it. */
  judgedAt: Instant,
  asOf: Instant,
})
export type ComplianceSummary = z.infer<typeof ComplianceSummary>

export const ComplianceTrendQuery = z.strictObject({
  days: z.coerce.number().int().min(1).max(3660).default(90),
  by: z.enum(TREND_DIMENSIONS).default('fleet'),
  /** One value of the dimension; left out: all. */
  value: z.string().max(255).optional(),
})
export type ComplianceTrendQuery = z.infer<typeof ComplianceTrendQuery>

/** How a day ended, at midnight UTC. */
export const ComplianceDay = z.strictObject({
  day: z.iso.date(),
  value: hostText(255).nullable(),
  counts: ComplianceCounts,
  bySeverity: z.array(z.strictObject({ severity, cves: Count, hosts: Count, overdueHosts: Count })),
  knownExploitedHosts: Count,
  acceptedHosts: Count,
  unknownHosts: Count,
  supportedHosts: Count,
  policyVersion: Count,
})
export type ComplianceDay = z.infer<typeof ComplianceDay>

/** Oldest first; days before the first reading are not there. */
export const ComplianceTrend = z.strictObject({ days: z.array(ComplianceDay).max(40_000), asOf: Instant })
export type ComplianceTrend = z.infer<typeof ComplianceTrend>

export const ComplianceTrendOfPartQuery = z.strictObject({
  days: z.coerce.number().int().min(1).max(3660).default(90),
  filter: ComplianceFilter.default(''),
})
export type ComplianceTrendOfPartQuery = z.infer<typeof ComplianceTrendOfPartQuery>

/** Oldest first; of a part no roll-up is kept, so each day is judged from what was recorded of its hosts. */
export const ComplianceTrendOfPart = z.strictObject({
  days: z.array(ComplianceDay).max(32),
  /** From one of them to the next. */
  everyDays: z.int().min(1),
  /** Days that are still being reckoned: ask again. */
  missing: Count,
  asOf: Instant,
})
export type ComplianceTrendOfPart = z.infer<typeof ComplianceTrendOfPart>

export const ComplianceHostsQuery = z.strictObject({
  at: Instant.optional(),
  filter: ComplianceFilter.default(''),
  severity: severity.optional(),
  /** A label's value, as in the summary; an empty text: hosts without. */
  owner: z.string().max(255).optional(),
  datacentre: z.string().max(255).optional(),
  /** Only those that are past a due date (with `severity`: of it). */
  overdue: z.enum(['true']).optional(),
  doubt: z.enum(DOUBTS).optional(),
  /** The hosts behind that number of the summary. */
  only: z
    .enum(['within', 'exposed', 'unjudged', 'accepted', 'unknown', 'known_exploited', 'fixed_on_disk', 'unsupported'])
    .optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(300).optional(),
})
export type ComplianceHostsQuery = z.infer<typeof ComplianceHostsQuery>

export const ComplianceHost = z.strictObject({
  id: HostId,
  name: hostText(255),
  origin: z.enum(HOST_ORIGINS),
  labels: Labels,
  judged: z.boolean(),
  within: z.boolean(),
  supported: z.boolean().nullable(),
  /** Open CVEs by severity, and those past due. */
  open: z.array(z.strictObject({ severity, cves: Count, overdue: Count })),
  accepted: Count,
  unknown: Count,
  fixedOnDisk: Count,
  /** The most overdue, else the next due, else the longest open. */
  worst: OpenExposure.nullable(),
  doubts: z.array(z.enum(DOUBTS)),
  /** When the agent last read it. */
  readAt: Instant.nullable(),
})
export type ComplianceHost = z.infer<typeof ComplianceHost>

/** Worst first. */
export const ComplianceHostList = z.strictObject({
  items: z.array(ComplianceHost),
  nextCursor: z.string().nullable(),
  total: Count,
  judgedAt: Instant,
  asOf: Instant,
})
export type ComplianceHostList = z.infer<typeof ComplianceHostList>

import * as z from 'zod'
import { EXPOSURES, SEVERITIES } from '../domain/exposure/exposure-words.ts'
import { HOST_ORIGINS } from '../domain/words.ts'
import { DoubtOfHost, ExposureFacts, Verdict } from './exposure.ts'
import { Labels } from './labels.ts'
import { HostId, hostText, Instant } from './primitives.ts'
import { CveId } from './provider.ts'
import { CveStatement, LivepatchNotice, Provenance } from './vulnerabilities.ts'

const exposureWord = z.enum(EXPOSURES)

/** How many, by the word of exposure: hosts of one CVE, or CVEs of one host. */
export const CountsByExposure = z.record(exposureWord, z.int())
export type CountsByExposure = z.infer<typeof CountsByExposure>

/** What a CVE is, in short; the score is the one that counts (shared/domain/exposure/severity.ts), `scoredBy` is whose. */
export const CveBrief = z.strictObject({
  id: CveId,
  /** Text of a feed. */
  title: z.string().max(500).nullable(),
  severity: z.enum(SEVERITIES),
  score: z.number().min(0).max(10).nullable(),
  publishedOn: z.iso.date().nullable(),
  /** In CISA's catalogue since; null: it is not. */
  knownExploitedOn: z.iso.date().nullable(),
  /** Withdrawn by its CNA. */
  rejected: z.boolean(),
})
export type CveBrief = z.infer<typeof CveBrief>

export const CveItem = CveBrief.extend({
  scoredBy: z.string().max(100).nullable(),
  /** FIRST's probability of exploitation in thirty days; null: not scored. */
  epss: z.number().min(0).max(1).nullable(),
  hosts: CountsByExposure,
  /** Since when the class of hosts that is exposed longest has been so, as it was recorded; null: none is. */
  exposedSince: Instant.nullable(),
})
export type CveItem = z.infer<typeof CveItem>

/** Which hosts are meant and when: what every answer about exposure takes. */
const asked = {
  /** Words of the filter of hosts. At a past moment `name`, `label.KEY`, `origin`, `kernel` and `arch` alone, as they were. */
  filter: z.string().max(1000).default(''),
  /** Any past moment, told as it was recorded; left out: now. */
  at: Instant.optional(),
}

export const CVE_SORTS = ['severity', 'exposed', 'published', 'epss', 'id'] as const

export const CveListQuery = z.strictObject({
  ...asked,
  /** A piece of the id or the title. */
  search: z.string().trim().max(100).default(''),
  severity: z.enum(SEVERITIES).optional(),
  /** CVEs that are this to at least one of the hosts. */
  status: exposureWord.optional(),
  knownExploited: z.enum(['true']).optional(),
  /** `severity`: known exploited first, then by score; each with the worst first. */
  sort: z.enum(CVE_SORTS).default('severity'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(512).optional(),
})
export type CveListQuery = z.infer<typeof CveListQuery>

/** How far judging is: hosts that wait are in no count. */
const judged = {
  /** Hosts in scope and filter that have been read. */
  hostCount: z.int(),
  /** Of these, those whose class was not judged yet. */
  hostsWaiting: z.int(),
  /** When all classes were last judged by all that feeds say; null: never. */
  judgedAt: Instant.nullable(),
  /** Somewhere it is being done now. */
  judging: z.boolean(),
  asOf: Instant,
}

export const CveList = z.strictObject({
  items: z.array(CveItem),
  nextCursor: z.string().nullable(),
  total: z.int(),
  ...judged,
})
export type CveList = z.infer<typeof CveList>

export const CveDetailQuery = z.strictObject(asked)
export type CveDetailQuery = z.infer<typeof CveDetailQuery>

export const CveDetail = CveItem.extend({
  description: z.string().max(2000).nullable(),
  /** All that feeds say of it, each with whose word it is; in the order in which it was first read. */
  statements: z.array(z.strictObject({ statement: CveStatement, from: Provenance })),
  /** Vendors' livepatches that fix it, newest first, the first hundred; `cves` and `functions` are of this CVE alone. */
  livepatches: z.array(z.strictObject({ notice: LivepatchNotice, from: Provenance })).max(100),
  livepatchCount: z.int(),
  ...judged,
})
export type CveDetail = z.infer<typeof CveDetail>

/** What one CVE is to one host, and why. */
const exposure = {
  exposure: exposureWord,
  verdict: Verdict,
  /** Since when it has been this to this host without a gap, as it was recorded. */
  since: Instant,
  /** `accepted` only: until when. */
  acceptedUntil: Instant.nullable(),
}

/** What the agent read that decided. */
export const ExposureEvidence = z.strictObject({
  facts: ExposureFacts,
  /** When the agent read it, by the host's clock set right; null: an older agent does not say. */
  readAt: Instant.nullable(),
})
export type ExposureEvidence = z.infer<typeof ExposureEvidence>

export const CveHost = z.strictObject({
  host: z.strictObject({ id: HostId, name: hostText(255), origin: z.enum(HOST_ORIGINS), labels: Labels }),
  /** It is not there any more; only at a past moment. */
  removed: z.boolean(),
  ...exposure,
  doubts: z.array(DoubtOfHost),
  evidence: ExposureEvidence,
})
export type CveHost = z.infer<typeof CveHost>

export const CveHostsQuery = z.strictObject({
  ...asked,
  status: exposureWord.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(512).optional(),
})
export type CveHostsQuery = z.infer<typeof CveHostsQuery>

/** By name. */
export const CveHostList = z.strictObject({
  items: z.array(CveHost),
  nextCursor: z.string().nullable(),
  total: z.int(),
  asOf: Instant,
})
export type CveHostList = z.infer<typeof CveHostList>

export const HostExposureQuery = z.strictObject({
  at: Instant.optional(),
  status: exposureWord.optional(),
  /** A piece of the CVE's id or title. */
  search: z.string().trim().max(100).default(''),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(512).optional(),
})
export type HostExposureQuery = z.infer<typeof HostExposureQuery>

/** Known exploited first, then by score. */
export const HostExposureList = z.strictObject({
  items: z.array(z.strictObject({ cve: CveBrief, ...exposure })),
  nextCursor: z.string().nullable(),
  /** Of status and search. */
  total: z.int(),
  /** Of all CVEs. */
  counts: CountsByExposure,
  doubts: z.array(DoubtOfHost),
  /** Null: nothing of it was read yet. */
  evidence: ExposureEvidence.nullable(),
  /** Its class was not judged yet. */
  waiting: z.boolean(),
  judgedAt: Instant.nullable(),
  asOf: Instant,
})
export type HostExposureList = z.infer<typeof HostExposureList>

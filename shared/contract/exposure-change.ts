import * as z from 'zod'
import { SEVERITIES } from '../domain/exposure/exposure-words.ts'
import { hostText, Instant } from './primitives.ts'
import { CveId } from './provider.ts'

/** One CVE, and on how many hosts. */
const CveOnHosts = z.strictObject({
  cve: CveId,
  severity: z.enum(SEVERITIES),
  knownExploited: z.boolean(),
  hosts: z.int().min(1),
})

/** An exposure is one CVE on one host that is exposed to it, or has its fix only on disk. */
export const ExposureTally = z.strictObject({
  exposures: z.int().min(0),
  hosts: z.int().min(0),
  bySeverity: z.record(z.enum(SEVERITIES), z.int().min(0)),
  knownExploited: z.int().min(0),
  cveCount: z.int().min(0),
  /** The worst first, the first 200. */
  cves: z.array(CveOnHosts).max(200),
})
export type ExposureTally = z.infer<typeof ExposureTally>

/** Hosts of the plan that keep an exposure to a CVE that its patches fix, by why. */
const StayingHosts = z.strictObject({
  why: z.string().max(1000),
  exposures: z.int().min(0),
  hosts: z.int().min(1),
  /** The first five. */
  names: z.array(hostText(255)).max(5),
})

/** What the change would do from now on, each class of hosts judged again as if it had been made. */
const ExposureAhead = z.strictObject({
  closes: ExposureTally,
  /** What livepatches that it takes out fix now. */
  opens: ExposureTally,
  /** Open if the change were undone after it, of what would then not be; null: it is a disabling, or changes nothing here. */
  undoOpens: ExposureTally.nullable(),
  staysTotal: z.int().min(0),
  /** The most hosts first, the first 20. */
  stays: z.array(StayingHosts).max(20),
  /** Hosts on which none of what its patches fix is open. */
  alreadyFixed: z.int().min(0),
  /** Of which nothing is judged yet. */
  notJudged: z.int().min(0),
  /** Full sentences: what is not counted. */
  notCounted: z.array(z.string().max(300)).max(5),
})
export type ExposureAhead = z.infer<typeof ExposureAhead>

/** What it did, from the records of both moments. */
const ExposureDone = z.strictObject({ from: Instant, to: Instant, closed: ExposureTally, opened: ExposureTally })
export type ExposureDone = z.infer<typeof ExposureDone>

export const ExposureChange = z.strictObject({
  sentence: z.string().max(1000),
  /** null: it has ended. */
  ahead: ExposureAhead.nullable(),
  /** null: it has not begun. */
  done: ExposureDone.nullable(),
  asOf: Instant,
})
export type ExposureChange = z.infer<typeof ExposureChange>

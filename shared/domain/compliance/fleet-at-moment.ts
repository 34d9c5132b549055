import type { SlaSpec } from '../../contract/compliance-policy.ts'
import type { ExposureFacts } from '../../contract/exposure.ts'
import type { Doubt, ExposureRule, Severity } from '../exposure/exposure-words.ts'
import type { ExceptionInEffect } from './exceptions.ts'
import type { FilteredHost } from './host-filter.ts'
import type { ClassRun, FindingPeriod } from './open-since.ts'

/** Of a CVE, what its due date depends on. Moments are milliseconds since 1970. */
export interface CveFacts {
  readonly id: string
  readonly severity: Severity
  readonly publishedAt: number | null
  /** Since when CISA's catalogue has it. */
  readonly knownExploitedAt: number | null
}

/** A verdict that is not safe, as it stands at the moment. */
export interface OpenVerdict {
  readonly cveId: string
  readonly status: 'exposed' | 'fixed_on_disk' | 'unknown'
  readonly rule: ExposureRule
  /** A fix exists, though it may not be dated. */
  readonly hasFix: boolean
  readonly fixAvailableAt: number | null
}

export interface ClassAtMoment {
  readonly id: string
  readonly facts: Pick<ExposureFacts, 'release' | 'installedKernels' | 'livepatches'>
  /** Anything was said of it. */
  readonly judged: boolean
  /** By CVE. */
  readonly verdicts: readonly OpenVerdict[]
}

export interface HostAtMoment extends FilteredHost {
  readonly id: string
  readonly classId: string
  /** The classes that it was in until then, oldest first; the last is the present one. */
  readonly runs: readonly ClassRun[]
  readonly doubts: readonly Doubt[]
  readonly readAt: number | null
}

/** All that compliance at one moment is reckoned from, as it was recorded at that moment. */
export interface FleetAtMoment {
  readonly at: number
  readonly policy: { readonly version: number; readonly spec: SlaSpec }
  readonly exceptions: readonly ExceptionInEffect[]
  readonly cves: ReadonlyMap<string, CveFacts>
  readonly classes: ReadonlyMap<string, ClassAtMoment>
  readonly hosts: readonly HostAtMoment[]
  readonly findings: ReadonlyMap<string, ReadonlyMap<string, readonly FindingPeriod[]>>
  /** Each host on which something open was fixed, once a day (UTC), in the days before. */
  readonly fixes: readonly { readonly hostId: string; readonly day: string }[]
}

/** What is still asked of a fleet once its hosts are judged. */
export type MomentOfFleet = Pick<FleetAtMoment, 'at' | 'policy' | 'fixes'>

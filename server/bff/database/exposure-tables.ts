import type { DoubtOfHost, ExposureFacts, Verdict } from '@rebootless/shared/contract/exposure.ts'
import type { Labels } from '@rebootless/shared/contract/labels.ts'
import type { CveStatement, LivepatchNotice } from '@rebootless/shared/contract/vulnerabilities.ts'
import type {
  ExposureRule,
  FeedKind,
  Severity,
  VerdictStatus,
} from '@rebootless/shared/domain/exposure/exposure-words.ts'
import type { HostOrigin } from '@rebootless/shared/domain/words.ts'
import type { ColumnType, Generated } from 'kysely'
import type { Int64 } from './column-types.ts'

type Json<T> = ColumnType<T, string, string>
/** `2026-11-24`, as text: a day has no zone. */
type Day = ColumnType<string | null, string | null, string | null>

interface CveFeedsTable {
  id: string
  name: string
  kind: FeedKind
  location: string | null
  every_minutes: number | null
  enabled: boolean
  created_by_name: string
  created_at: Date
  read_at: ColumnType<Date | null, undefined, Date>
  changed_at: ColumnType<Date | null, undefined, Date>
  outcome: ColumnType<unknown, undefined, string>
  next_at: ColumnType<Date | null, Date | null | undefined, Date | null>
  claimed_until: ColumnType<Date | null, undefined, Date | null>
}

/** A row is closed by `to_at` and changed in no other way. */
interface CveStatementsTable {
  id: Generated<string>
  feed_id: string
  feed_name: string
  feed_kind: FeedKind
  cve_id: string
  kind: CveStatement['kind']
  hash: string
  body: Json<CveStatement>
  document: string
  published_on: Day
  from_at: Date
  to_at: ColumnType<Date | null, undefined, Date>
}

interface LivepatchNoticesTable {
  id: Generated<string>
  feed_id: string
  feed_name: string
  feed_kind: FeedKind
  notice: string
  hash: string
  body: Json<LivepatchNotice>
  document: string
  published_on: Day
  from_at: Date
  to_at: ColumnType<Date | null, undefined, Date>
}

interface ExposureClassesTable {
  id: string
  facts: Json<ExposureFacts>
  first_seen_at: Date
  judged_pass: ColumnType<string | null, undefined, string | null>
  print: ColumnType<string | null, undefined, string | null>
  exposed: ColumnType<number, undefined, number>
  known_exploited: ColumnType<number, undefined, number>
  worst: ColumnType<Severity | null, undefined, Severity | null>
  disk_cves: ColumnType<string[], undefined, string[]>
  kernel_cves: ColumnType<string[], undefined, string[]>
  version: ColumnType<string, undefined, string>
}

interface ExposureStateTable {
  only: boolean
  pass: ColumnType<string, undefined, string>
  judged_pass: ColumnType<string | null, undefined, string>
  facts_version: ColumnType<string, undefined, string>
  judged_at: ColumnType<Date | null, undefined, Date | null>
  told_at: ColumnType<Date | null, undefined, Date | null>
}

export interface CveFactsTable {
  cve_id: string
  from_at: Date
  to_at: ColumnType<Date | null, undefined, Date>
  title: string | null
  severity: Severity
  score: number | null
  scored_by: string | null
  published_on: Day
  known_exploited_on: Day
  rejected: boolean
}

interface ExposureStaleModulesTable {
  id: Generated<string>
  name: string
}

interface HostExposureTable {
  host_id: string
  from_at: Date
  to_at: ColumnType<Date | null, undefined, Date>
  class_id: string
  host_name: string
  origin: HostOrigin
  labels: Json<Labels>
  doubts: Json<DoubtOfHost[]>
  read_at: Date | null
}

interface ExposureVerdictsTable {
  class_id: string
  cve_id: string
  from_at: Date
  to_at: ColumnType<Date | null, undefined, Date>
  status: VerdictStatus
  rule: ExposureRule
  body: Json<Verdict>
}

/** Hosts in a class now: the sum of all rows with it. Triggers of `host_exposure` write it. */
interface ExposureClassSharesTable {
  class_id: string
  host_count: Int64
}

export interface ExposureTables {
  cve_feeds: CveFeedsTable
  cve_statements: CveStatementsTable
  livepatch_notices: LivepatchNoticesTable
  exposure_classes: ExposureClassesTable
  exposure_state: ExposureStateTable
  cve_facts: CveFactsTable
  exposure_stale_modules: ExposureStaleModulesTable
  host_exposure: HostExposureTable
  exposure_class_shares: ExposureClassSharesTable
  exposure_verdicts: ExposureVerdictsTable
}

import type { ComplianceDay } from '@rebootless/shared/contract/compliance.ts'
import type { SlaSpec } from '@rebootless/shared/contract/compliance-policy.ts'
import type { TrendDimension } from '@rebootless/shared/domain/compliance/compliance-words.ts'
import type { Severity } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import type { ColumnType } from 'kysely'

type Json<T> = ColumnType<T, string, never>
/** Set once, by somebody who approves or ends it. */
type Later<T> = ColumnType<T | null, undefined, T>

interface SlaPoliciesTable {
  version: number
  spec: Json<SlaSpec>
  reason: string
  set_by_name: string
  set_at: Date
}

interface ComplianceExceptionsTable {
  id: string
  cve_id: string | null
  severity: Severity | null
  hosts: string
  owner: string
  reason: string
  until: Date
  requested_by_id: string
  requested_by_name: string
  requested_at: Date
  approved_by_id: Later<string>
  approved_by_name: Later<string>
  approved_at: Later<Date>
  ended_by_name: Later<string>
  ended_at: Later<Date>
  ended_reason: Later<string>
}

interface ComplianceDaysTable {
  /** `2026-11-24`: a day of UTC. */
  day: string
  dimension: TrendDimension
  /** Empty: without the label, or of the whole fleet; else `=` and the value. */
  value: string
  figures: Json<Omit<ComplianceDay, 'day' | 'value'>>
  written_at: Date
}

export interface ComplianceTables {
  sla_policies: SlaPoliciesTable
  compliance_exceptions: ComplianceExceptionsTable
  compliance_days: ComplianceDaysTable
}

import type { RebootPlanEnd, RebootReason } from '@rebootless/shared/domain/reboot-debt/reboot-debt-words.ts'
import type { ColumnType } from 'kysely'

/** One reason as it is kept: `since` is in our time, and stays while the reason does. */
export interface KeptReason {
  readonly reason: RebootReason
  readonly answer: 'yes' | 'yes_but_covered'
  readonly since: string
  readonly sinceIs: 'told' | 'seen'
  readonly why: string
}

interface HostRebootDebtsTable {
  host_id: string
  boot_id: string | null
  booted_at: Date | null
  needs: RebootReason[]
  can_wait: RebootReason[]
  reasons: ColumnType<KeptReason[], string, string>
  coverage_until: string | null
  coverage_provider: string | null
  offered_cves: string[]
}

export interface RebootPlansTable {
  id: string
  host_id: string
  host_name: string
  planned_on: string
  owner: string
  reason: string
  set_by_name: string
  set_at: Date
  boot_id: string | null
  ended_at: ColumnType<Date | null, undefined, Date>
  ended: ColumnType<RebootPlanEnd | null, undefined, RebootPlanEnd>
  ended_by_name: ColumnType<string | null, undefined, string | null>
}

export interface RebootDebtTables {
  host_reboot_debts: HostRebootDebtsTable
  reboot_plans: RebootPlansTable
}

import type { AlertRuleSettings } from '@rebootless/shared/contract/alerts.ts'
import type {
  AlertPhase,
  AlertRuleId,
  AlertSeverity,
  AlertStatus,
} from '@rebootless/shared/domain/alerts/alert-words.ts'
import type { ColumnType } from 'kysely'
import type { Int64 } from './column-types.ts'

/** Rules that people changed; of the others the program's own settings count. */
interface AlertRulesTable {
  id: AlertRuleId
  settings: ColumnType<AlertRuleSettings, string, string>
  changed_by_name: string
  changed_at: Date
}

/** Of one rule and cause at most one is open. */
export interface AlertGroupsTable {
  id: string
  rule: AlertRuleId
  /** Hostile text, as are title and detail. */
  cause: string
  severity: AlertSeverity
  /** As of the last step. */
  phase: AlertPhase
  title: string
  detail: string
  path: string
  since: Date
  fired_at: Date | null
  absent_since: Date | null
  resolved_at: Date | null
  acknowledged_by: string | null
  acknowledged_at: Date | null
  acknowledged_note: string | null
  /** What somebody wrote that was done. */
  done_note: string | null
  silenced_until: Date | null
  escalation_level: number
  told_count: number
  told_status: AlertStatus | null
  told_at: Date | null
  told_hosts: number
  told_channels: string[]
}

interface AlertMembersTable {
  group_id: string
  host_id: string
  host_name: string
  since: Date
  until: Date | null
}

interface AlertTimelineTable {
  id: ColumnType<string, undefined, never>
  group_id: string
  at: Date
  kind: string
  by_name: string | null
  text: string | null
  /** Names. */
  channels: string[]
}

export interface AlertSilencesTable {
  id: string
  rule: AlertRuleId | null
  cause: string | null
  /** Words of the filter of hosts. */
  hosts: string | null
  reason: string
  created_by_name: string
  created_at: Date
  ends_at: Date
  ended_at: Date | null
  ended_by_name: string | null
}

/** Of each host's newest snapshot what alerts look at, and what has changed since the one before. */
interface AlertMarksTable {
  host_id: string
  epoch: Int64
  sequence: Int64
  boot_id: string | null
  /** Letters of /proc/sys/kernel/tainted, sorted. */
  taints: string
  taints_added: string | null
  taints_at: Date | null
  /** When the newest patch was enabled, by the host's clock. */
  patched_at: Date | null
  reversed_patch: string | null
  reversed_at: Date | null
}

export interface AlertTables {
  alert_rules: AlertRulesTable
  alert_groups: AlertGroupsTable
  alert_members: AlertMembersTable
  alert_timeline: AlertTimelineTable
  alert_silences: AlertSilencesTable
  alert_marks: AlertMarksTable
}

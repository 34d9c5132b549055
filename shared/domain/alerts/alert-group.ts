import type { AlertAcknowledgement } from '../../contract/alerts.ts'
import type { AlertChange, AlertPhase, AlertRuleId, AlertSeverity, AlertStatus } from './alert-words.ts'

/** Milliseconds of the epoch. */
type Time = number

export interface AlertMember {
  readonly since: Time
  /** Since when it has the cause no more; null: it has it. */
  readonly until: Time | null
}

/** All hosts with one cause. Of one rule and cause at most one is open. */
export interface AlertGroupState {
  readonly id: string
  readonly rule: AlertRuleId
  readonly cause: string
  readonly severity: AlertSeverity
  readonly title: string
  readonly detail: string
  readonly path: string
  readonly since: Time
  readonly firedAt: Time | null
  /** Since when nothing has the cause; null: something has. */
  readonly absentSince: Time | null
  readonly resolvedAt: Time | null
  readonly acknowledged: AlertAcknowledgement | null
  readonly silencedUntil: Time | null
  readonly escalationLevel: number
  readonly told: AlertTold
  readonly members: ReadonlyMap<string, AlertMember>
}

/** What channels know of a group. */
interface AlertTold {
  /** How many messages there were. */
  readonly count: number
  /** Null: none. */
  readonly status: AlertStatus | null
  readonly at: Time | null
  readonly hosts: number
}

export const NOTHING_TOLD: AlertTold = { count: 0, status: null, at: null, hosts: 0 }

export const phaseOf = (group: AlertGroupState): AlertPhase => {
  if (group.resolvedAt !== null) return 'resolved'
  if (group.firedAt === null) return 'pending'
  if (group.silencedUntil !== null) return 'silenced'
  return group.acknowledged === null ? 'firing' : 'acknowledged'
}

/** One message, for whoever is to hear of this group. */
export interface AlertNotification {
  readonly groupId: string
  readonly change: AlertChange
  readonly status: AlertStatus
  /** Counts those of the group, from 1. */
  readonly number: number
  /** `first`: the rule's channels; `step`: those of this level of its escalation; `told`: all that were told before. */
  readonly to: 'first' | 'first and told' | 'step' | 'told'
}

export const presentHosts = ({ members }: AlertGroupState): string[] =>
  [...members].flatMap(([id, { until }]) => (until === null ? [id] : []))

export const countPresent = (members: AlertGroupState['members']): number => {
  let count = 0
  for (const { until } of members.values()) if (until === null) count += 1
  return count
}

import type { AlertRuleSettings } from '../../contract/alerts.ts'
import type { AlertCondition, AlertConditions } from './alert-facts.ts'
import {
  type AlertGroupState,
  type AlertMember,
  type AlertNotification,
  countPresent,
  NOTHING_TOLD,
  phaseOf,
  presentHosts,
} from './alert-group.ts'
import type { SettingsOfRules } from './alert-rules.ts'
import type { AlertChange, AlertRuleId } from './alert-words.ts'

export interface ActiveSilence {
  readonly rule: AlertRuleId | null
  readonly cause: string | null
  /** Hosts that its words hold; null: it has none, and silences whole groups. */
  readonly hosts: ReadonlySet<string> | null
  readonly endsAt: number
}

export interface AlertStep {
  /** Open ones, as the last step left them, with what people did since. */
  readonly groups: readonly AlertGroupState[]
  readonly conditions: AlertConditions
  readonly silences: readonly ActiveSilence[]
  readonly settings: SettingsOfRules
  readonly now: number
  /** For a group that begins. */
  readonly newId: () => string
}

export interface AlertsStepped {
  /** All that are open now, and those that this step resolved. */
  readonly groups: readonly AlertGroupState[]
  /** Of those that were pending and are gone without having fired. */
  readonly dropped: readonly string[]
  /** In the order in which they are to be told; one a group at most. */
  readonly notifications: readonly AlertNotification[]
}

const keyOf = ({ rule, cause }: { readonly rule: string; readonly cause: string }) => `${rule}|${cause}`

interface FoundGroup {
  readonly rule: AlertRuleId
  readonly present: AlertCondition[]
}

/** A key is text put together, so it is made once for each group and not for each host. */
const byKey = (conditions: AlertConditions): Map<string, FoundGroup> => {
  const found = new Map<string, FoundGroup>()
  for (const [rule, ofRule] of conditions) {
    const byCause = new Map<string, AlertCondition[]>()
    for (const condition of ofRule) {
      const { cause } = condition
      const same = byCause.get(cause)
      if (same === undefined) byCause.set(cause, [condition])
      else same.push(condition)
    }
    for (const [cause, present] of byCause) found.set(keyOf({ rule, cause }), { rule, present })
  }
  return found
}

/**
 * What becomes of all alerts, from what is so now. The same step from the same state comes to the same, so one that was
 * not committed may be taken again.
 */
export const stepAlerts = ({ groups, conditions, silences, settings, now, newId }: AlertStep): AlertsStepped => {
  const found = byKey(conditions)
  const open = new Map(groups.map((group) => [keyOf(group), group]))
  const after: AlertGroupState[] = []
  const dropped: string[] = []
  const notifications: AlertNotification[] = []
  for (const key of [...new Set([...open.keys(), ...found.keys()])].sort()) {
    const group = found.get(key)
    const present = group?.present ?? []
    const before = open.get(key) ?? begun(group, settings, newId)
    const rule = before && settings.get(before.rule)
    if (before === undefined || rule === undefined) continue
    const lived = live(before, present, rule, now)
    if (lived === undefined) {
      dropped.push(before.id)
      continue
    }
    const { group: told, notification } = tell(silence(lived, silences, now), rule, now)
    after.push(told)
    if (notification !== undefined) notifications.push(notification)
  }
  return { groups: after, dropped, notifications }
}

const begun = (
  found: FoundGroup | undefined,
  settings: SettingsOfRules,
  newId: () => string,
): AlertGroupState | undefined => {
  const first = found?.present[0]
  if (found === undefined || first === undefined) return undefined
  const { rule } = found
  const { cause, title, detail, path, since } = first
  const severity = settings.get(rule)?.severity ?? 'ticket'
  return {
    ...{ id: newId(), rule, cause, severity, title, detail, path, since, firedAt: null, absentSince: null },
    ...{ resolvedAt: null, acknowledged: null, silencedUntil: null, escalationLevel: 0, told: NOTHING_TOLD },
    members: new Map(),
  }
}

/** Times that lie ahead come of a clock that was set back, or of a host's; they are taken for now. */
const past = <T extends number | null>(time: T, now: number): T => (time !== null && time > now ? (now as T) : time)

/** @returns undefined: it is gone before it fired */
const live = (
  before: AlertGroupState,
  present: readonly AlertCondition[],
  rule: AlertRuleSettings,
  now: number,
): AlertGroupState | undefined => {
  const [first] = present
  if (first === undefined && before.firedAt === null) return undefined
  const members = membersOf(before.members, present, now)
  const told = { ...before.told, at: past(before.told.at, now) }
  const kept = { ...before, members, told, severity: rule.severity, firedAt: past(before.firedAt, now) }
  if (first === undefined) {
    const absentSince = past(before.absentSince, now) ?? now
    const isOver = !rule.enabled || now - absentSince >= rule.quietSeconds * 1000
    return { ...kept, absentSince, resolvedAt: isOver ? now : null }
  }
  const since = earliest(before, members, present, now)
  const fires = before.firedAt === null && now - since >= rule.forSeconds * 1000
  return {
    ...kept,
    ...{ title: first.title, detail: first.detail, path: first.path, absentSince: null },
    // While it waits to fire, one host after another may have the cause for a moment: none of them makes it fire.
    since: before.firedAt === null ? since : Math.min(past(before.since, now), since),
    firedAt: fires ? now : kept.firedAt,
  }
}

/** Of those that are so now: what a rule measures anew at each step has the time at which it was found first. */
const earliest = (
  before: AlertGroupState,
  members: ReadonlyMap<string, AlertMember>,
  present: readonly AlertCondition[],
  now: number,
) => {
  let least = now
  for (const { since, until } of members.values()) if (until === null) least = Math.min(least, since)
  for (const { hostId, since } of present) if (hostId === null) least = Math.min(least, before.since, since)
  return least
}

/** Most steps find the very hosts of the one before, whose members then stand as they are. */
const isUnchanged = (
  before: ReadonlyMap<string, AlertMember>,
  present: readonly AlertCondition[],
  now: number,
): boolean => {
  const hosts = new Set<string>()
  for (const { hostId, since } of present) {
    const known = hostId === null ? undefined : before.get(hostId)
    if (hostId === null || known?.until !== null || known.since > past(since, now)) return false
    hosts.add(hostId)
  }
  return hosts.size === countPresent(before)
}

const membersOf = (
  before: ReadonlyMap<string, AlertMember>,
  present: readonly AlertCondition[],
  now: number,
): ReadonlyMap<string, AlertMember> => {
  if (isUnchanged(before, present, now)) return before
  const members = new Map<string, AlertMember>()
  for (const { hostId, since } of present) {
    if (hostId === null) continue
    const known = before.get(hostId)
    const first = Math.min(past(since, now), members.get(hostId)?.since ?? now)
    const lasts = known?.until === null ? Math.min(known.since, first) : first
    members.set(hostId, known?.until === null && known.since === lasts ? known : { since: lasts, until: null })
  }
  for (const [id, member] of before) {
    if (!members.has(id)) members.set(id, member.until === null ? { ...member, until: now } : member)
  }
  return members
}

/** By words of hosts a group is silenced only as a whole: one host that is not would be lost to whoever is on call. */
const silence = (group: AlertGroupState, silences: readonly ActiveSilence[], now: number): AlertGroupState => {
  const holds = (held: ReadonlySet<string>) => {
    const hosts = presentHosts(group)
    return hosts.length > 0 && hosts.every((id) => held.has(id))
  }
  const ends = silences
    .filter(({ endsAt }) => endsAt > now)
    .filter(({ rule, cause }) => (rule ?? group.rule) === group.rule && (cause ?? group.cause) === group.cause)
    .filter(({ hosts }) => hosts === null || holds(hosts))
    .map(({ endsAt }) => endsAt)
  return { ...group, silencedUntil: ends.length === 0 ? null : Math.max(...ends) }
}

const GROWN_BY_AT_LEAST = 5

const tell = (
  group: AlertGroupState,
  rule: AlertRuleSettings,
  now: number,
): { group: AlertGroupState; notification?: AlertNotification } => {
  const due = whatIsDue(group, rule, now)
  const status = phaseOf(group)
  if (due === undefined || status === 'pending') return { group }
  const number = group.told.count + 1
  const hosts = due.change === 'resolved' ? group.told.hosts : countPresent(group.members)
  return {
    group: {
      ...group,
      escalationLevel: group.escalationLevel + (due.change === 'escalated' ? 1 : 0),
      told: { count: number, status, at: now, hosts },
    },
    notification: { groupId: group.id, change: due.change, status, number, to: due.to },
  }
}

type Due = { readonly change: AlertChange; readonly to: AlertNotification['to'] }

/** One thing at most; what else is due is told by the next step. */
const whatIsDue = (group: AlertGroupState, rule: AlertRuleSettings, now: number): Due | undefined => {
  const { told } = group
  const status = phaseOf(group)
  if (status === 'pending') return undefined
  // Nothing has it now: nobody is woken while it may be over.
  if (status === 'firing' && group.absentSince !== null) return undefined
  // Of what was never told, as it was silenced all the time, the end is not told either.
  if (told.status === null) return status === 'firing' ? { change: 'fired', to: 'first' } : undefined
  if (status === 'resolved') return { change: 'resolved', to: 'told' }
  if (status !== told.status) {
    if (status === 'firing') return { change: 'no longer silenced', to: 'told' }
    return { change: status, to: 'told' }
  }
  if (status !== 'firing') return undefined
  const step = rule.escalation[group.escalationLevel]
  if (step !== undefined && now - (group.firedAt ?? now) >= step.afterMinutes * 60_000) {
    return { change: 'escalated', to: 'step' }
  }
  const hosts = countPresent(group.members)
  if (hosts >= told.hosts * 2 && hosts >= told.hosts + GROWN_BY_AT_LEAST)
    return { change: 'grown', to: 'first and told' }
  const repeatMs = rule.repeatMinutes === null ? Number.POSITIVE_INFINITY : rule.repeatMinutes * 60_000
  return now - (told.at ?? now) >= repeatMs ? { change: 'repeated', to: 'first and told' } : undefined
}

import { randomUUID } from 'node:crypto'
import type { AlertCondition, AlertConditions, AlertFacts } from '@rebootless/shared/domain/alerts/alert-facts.ts'
import {
  type AlertGroupState,
  type AlertMember,
  type AlertNotification,
  phaseOf,
} from '@rebootless/shared/domain/alerts/alert-group.ts'
import { findConditions, type SettingsOfRules } from '@rebootless/shared/domain/alerts/alert-rules.ts'
import type { AlertRuleId } from '@rebootless/shared/domain/alerts/alert-words.ts'
import { type ActiveSilence, stepAlerts } from '@rebootless/shared/domain/alerts/step-alerts.ts'
import { type Kysely, sql, type Transaction } from 'kysely'
import { appendDeliveries } from '../channels/outbox.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { tellOf } from '../events/append-event.ts'
import { readOpenGroups, type StoredGroup, writeGroup, writeMembers } from './alert-rows.ts'
import { hostsHeld } from './hosts-held.ts'
import type { DueDates, OwnFacts } from './ports.ts'
import { readFleetFacts } from './read-facts.ts'
import { readSettings } from './rules.ts'
import type { StepMemory } from './step-memory.ts'
import { type AlertTelling, makeDeliveries, readAlertHosts } from './tell-alerts.ts'

/** Another backend was given a newer number: this one writes nothing more. */
export class NoLongerLeads extends Error {}

export interface StepOptions {
  readonly fencing: number
  readonly own: OwnFacts
  readonly due: DueDates
  /** Of this server, which agents should have too. */
  readonly version: string
  /** Silence of hosts counts from here on at the earliest: before it may have been this server's own. */
  readonly heardFrom: Date
  readonly now: Date
  readonly rareEveryMs: number
  /** Of the step before, where it was committed and this backend has led since. */
  readonly memory: StepMemory | undefined
}

/**
 * One step of all alerts: what is so, what becomes of it, and what is told, in one transaction. It is there as a whole or not
 * at all, so that whoever takes it again after a crash tells nothing twice and leaves nothing out.
 * @returns what the next one need not read
 * @throws NoLongerLeads
 */
export const takeAlertStep = (database: Kysely<DatabaseSchema>, options: StepOptions): Promise<StepMemory> =>
  database.transaction().execute(async (transaction) => {
    const { fencing, now } = options
    const memory = options.memory?.fencing === fencing ? options.memory : undefined
    // Held until the end: the lease passes to nobody while this step is being written.
    const lease = await sql`
      select from leases where name = 'alerts' and fencing = ${fencing} for share`.execute(transaction)
    if (lease.rows.length === 0) throw new NoLongerLeads('the lease of alerts passed to another')
    const before = await readOpenGroups(transaction, memory?.members)
    const settings = await readSettings(transaction)
    const fleet = await readFleetFacts(transaction, { ...options, settings, memory })
    const facts: AlertFacts = { ...fleet.facts, ...options.due, ...options.own }
    const conditions = await findAllowed(transaction, facts, settings, now)
    const stepped = stepAlerts({
      groups: before.map(({ state }) => state),
      ...{ conditions, settings, now: now.getTime(), newId: randomUUID },
      silences: await readSilences(transaction, conditions, now),
    })
    await dropGroups(transaction, stepped.dropped)
    const known = new Map(before.map((group) => [group.state.id, group]))
    const groups = stepped.groups.map((state) => ({ state, channels: known.get(state.id)?.channels ?? [] }))
    const byId = new Map(groups.map((group) => [group.state.id, group]))
    const told = stepped.notifications.flatMap((notification) => {
      const group = byId.get(notification.groupId)
      return group === undefined ? [] : [{ group, notification }]
    })
    const telling = await makeDeliveries(transaction, told, settings, now)
    const changed = await writeGroups(transaction, groups, known, telling)
    await writeTimeline(transaction, groups, known, stepped.notifications, telling, now)
    await appendDeliveries(transaction, telling.deliveries, now)
    if (changed || stepped.dropped.length > 0) await tellOf(transaction, 'alerts', now)
    const open = stepped.groups.filter(({ resolvedAt }) => resolvedAt === null)
    const { causes, rare, rareAt } = fleet
    return { fencing, members: new Map(open.map(({ id, members }) => [id, members])), causes, rare, rareAt }
  })

/** What rules find, of hosts that their words hold. */
const findAllowed = async (
  transaction: Transaction<DatabaseSchema>,
  facts: AlertFacts,
  settings: SettingsOfRules,
  now: Date,
): Promise<AlertConditions> => {
  // Texts as they are stored, so that a cause is known again by its letters.
  const stored = new Map<string, string>()
  const storedCause = (cause: string): string => {
    const known = stored.get(cause) ?? databaseText(cause).slice(0, 600)
    stored.set(cause, known)
    return known
  }
  const allowed = new Map<AlertRuleId, readonly AlertCondition[]>()
  for (const [rule, found] of findConditions(facts, settings, now.getTime())) {
    const words = settings.get(rule)?.hosts ?? null
    const held = words === null ? null : await hostsHeld(transaction, words, hostsOf(found))
    const of = held === null ? found : found.filter(({ hostId }) => hostId === null || held.has(hostId))
    const isStored = of.every(({ cause }) => storedCause(cause) === cause)
    allowed.set(rule, isStored ? of : of.map((one) => ({ ...one, cause: storedCause(one.cause) })))
  }
  return allowed
}

const hostsOf = (conditions: readonly AlertCondition[]): string[] => [
  ...new Set(conditions.flatMap(({ hostId }) => (hostId === null ? [] : [hostId]))),
]

const readSilences = async (
  transaction: Transaction<DatabaseSchema>,
  conditions: AlertConditions,
  now: Date,
): Promise<ActiveSilence[]> => {
  const rows = await transaction
    .selectFrom('alert_silences')
    .selectAll()
    .where('ended_at', 'is', null)
    .where('ends_at', '>', now)
    .execute()
  const ids = rows.some(({ hosts }) => hosts !== null) ? hostsOf([...conditions.values()].flat()) : []
  const silences: ActiveSilence[] = []
  for (const { rule, cause, hosts, ends_at: endsAt } of rows) {
    const held = hosts === null ? null : await hostsHeld(transaction, hosts, ids)
    silences.push({ rule, cause, hosts: held, endsAt: endsAt.getTime() })
  }
  return silences
}

const dropGroups = async (transaction: Transaction<DatabaseSchema>, ids: readonly string[]): Promise<void> => {
  if (ids.length === 0) return
  await transaction
    .deleteFrom('alert_groups')
    .where('id', 'in', [...ids])
    .execute()
}

const withoutMembers = ({ members: _, ...state }: AlertGroupState, channels: readonly string[]) =>
  JSON.stringify([state, phaseOf({ ...state, members: _ }), channels])

const writeGroups = async (
  transaction: Transaction<DatabaseSchema>,
  groups: readonly StoredGroup[],
  known: ReadonlyMap<string, StoredGroup>,
  { channels: reached }: AlertTelling,
): Promise<boolean> => {
  const changedOf = ({ state }: StoredGroup) => {
    const former = known.get(state.id)?.state.members
    const changed: { readonly hostId: string; readonly member: AlertMember }[] = []
    if (former === state.members) return changed
    // Most are the very same: a step keeps a member that it does not change.
    for (const [hostId, member] of state.members) {
      if (former?.get(hostId) !== member) changed.push({ hostId, member })
    }
    return changed
  }
  const members = groups.map((group) => ({ id: group.state.id, changed: changedOf(group) }))
  const hosts = await readAlertHosts(transaction, [
    ...new Set(members.flatMap(({ changed }) => changed.map(({ hostId }) => hostId))),
  ])
  let isChanged = false
  for (const [index, { state, channels }] of groups.entries()) {
    const former = known.get(state.id)
    const all = [...new Set([...channels, ...(reached.get(state.id) ?? []).map(({ id }) => id)])]
    const isSame = former !== undefined && withoutMembers(former.state, former.channels) === withoutMembers(state, all)
    if (!isSame) await writeGroup(transaction, { state, channels: all })
    const changed = members[index]?.changed ?? []
    await writeMembers(
      transaction,
      state.id,
      changed.map((one) => ({ ...one, name: hosts.get(one.hostId)?.name ?? one.hostId })),
    )
    isChanged ||= !isSame || changed.length > 0
  }
  return isChanged
}

/** What a group went through in this step, told or not. */
const writeTimeline = async (
  transaction: Transaction<DatabaseSchema>,
  groups: readonly StoredGroup[],
  known: ReadonlyMap<string, StoredGroup>,
  notifications: readonly AlertNotification[],
  { channels }: AlertTelling,
  now: Date,
): Promise<void> => {
  const changes = new Map(notifications.map(({ groupId, change }) => [groupId, change]))
  const rows = groups.flatMap(({ state }) => {
    const { id } = state
    const former = known.get(id)?.state
    const told = (channels.get(id) ?? []).map(({ name }) => name)
    const row = (kind: string, names: string[] = []) => ({
      ...{ group_id: id, at: now, kind, by_name: null, text: null, channels: names },
    })
    const change = changes.get(id)
    const own = change === undefined || change === 'acknowledged' ? [] : [row(change, told)]
    const untold = (kind: 'fired' | 'resolved', isNew: boolean) => (isNew && change !== kind ? [row(kind)] : [])
    return [
      ...(former === undefined ? [row('began')] : []),
      ...untold('fired', state.firedAt !== null && (former?.firedAt ?? null) === null),
      ...own,
      ...untold('resolved', state.resolvedAt !== null),
    ]
  })
  if (rows.length > 0) await transaction.insertInto('alert_timeline').values(rows).execute()
  for (const [id, change] of changes) {
    if (change !== 'acknowledged') continue
    // He who took it up wrote the line; here it gets whom that was told.
    const names = (channels.get(id) ?? []).map(({ name }) => name)
    await sql`
      update alert_timeline set channels = ${names}::text[] where id = (
        select max(id) from alert_timeline where group_id = ${id} and kind = 'acknowledged'
      )`.execute(transaction)
  }
}

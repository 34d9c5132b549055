import {
  type AlertGroupState,
  type AlertNotification,
  presentHosts,
} from '@rebootless/shared/domain/alerts/alert-group.ts'
import { type AlertHost, alertMessage } from '@rebootless/shared/domain/alerts/alert-message.ts'
import type { SettingsOfRules } from '@rebootless/shared/domain/alerts/alert-rules.ts'
import { isAtLeast } from '@rebootless/shared/domain/alerts/alert-words.ts'
import { plainText } from '@rebootless/shared/domain/channel-text.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { sql, type Transaction } from 'kysely'
import { type NewDelivery, type OpenChannel, openChannels } from '../channels/outbox.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { hostScopeOf, hostsInScope } from '../hosts/host-scope.ts'
import type { StoredGroup } from './alert-rows.ts'

const takes = ({ events }: OpenChannel, { rule, severity }: AlertGroupState): boolean =>
  events.alerts !== undefined &&
  isAtLeast(severity, events.alerts.severityAtLeast) &&
  (events.alerts.rules === 'all' || events.alerts.rules.includes(rule))

/** @param told those that were told of this group before */
const chosen = (
  channels: readonly OpenChannel[],
  { to }: AlertNotification,
  { state, channels: told }: StoredGroup,
  settings: SettingsOfRules,
): OpenChannel[] => {
  const rule = settings.get(state.rule)
  const named = rule?.channels ?? null
  const step = rule?.escalation[state.escalationLevel - 1]?.channels ?? []
  const isFirst = (channel: OpenChannel) => (named === null ? takes(channel, state) : named.includes(channel.id))
  return channels.filter((channel) => {
    if (to === 'step') return step.includes(channel.id)
    return (to !== 'told' && isFirst(channel)) || (to !== 'first' && told.includes(channel.id))
  })
}

/** Hosts of which a group tells: those that have the cause, and once it is over those that had it. */
const hostsTold = (group: AlertGroupState): string[] => {
  const present = presentHosts(group)
  return present.length > 0 ? present : [...group.members.keys()]
}

const IDS_AT_ONCE = 10_000

/** Names and labels of hosts as they are now; of those that are gone nothing. */
export const readAlertHosts = async (
  transaction: Transaction<DatabaseSchema>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, AlertHost>> => {
  const hosts = new Map<string, AlertHost>()
  for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
    const { rows } = await sql<AlertHost>`
      select id, name, labels from hosts where id = any(${ids.slice(from, from + IDS_AT_ONCE)}::uuid[])`.execute(
      transaction,
    )
    for (const host of rows) hosts.set(host.id, host)
  }
  return hosts
}

/** Hosts of these that a channel may be told of; its scope, where it cannot be read, holds none. */
const held = async (
  transaction: Transaction<DatabaseSchema>,
  { scope }: OpenChannel,
  ids: readonly string[],
): Promise<ReadonlySet<string>> => {
  if (scope === null) return new Set(ids)
  try {
    return await hostsInScope(transaction, hostScopeOf({ scope }), ids)
  } catch (error) {
    if (error instanceof DomainError) return new Set()
    throw error
  }
}

export interface AlertTelling {
  readonly deliveries: readonly NewDelivery[]
  /** By the group's id: the channels that are told now. */
  readonly channels: ReadonlyMap<string, readonly { readonly id: string; readonly name: string }[]>
}

/**
 * Makes the messages of one step: each for the channels that take it, and of the hosts that a channel's scope holds. A scoped
 * channel is told of no group without one of its hosts.
 */
export const makeDeliveries = async (
  transaction: Transaction<DatabaseSchema>,
  told: readonly { readonly group: StoredGroup; readonly notification: AlertNotification }[],
  settings: SettingsOfRules,
  now: Date,
): Promise<AlertTelling> => {
  if (told.length === 0) return { deliveries: [], channels: new Map() }
  const open = await openChannels(transaction)
  const names = new Map(
    (await transaction.selectFrom('channels').select(['id', 'name']).execute()).map(({ id, name }) => [id, name]),
  )
  const hosts = await readAlertHosts(transaction, [...new Set(told.flatMap(({ group }) => hostsTold(group.state)))])
  const deliveries: NewDelivery[] = []
  const channels = new Map<string, { id: string; name: string }[]>()
  for (const { group, notification } of told) {
    const ids = hostsTold(group.state)
    const reached: { id: string; name: string }[] = []
    for (const channel of chosen(open, notification, group, settings)) {
      const may = await held(transaction, channel, ids)
      if (channel.scope !== null && may.size === 0) continue
      const shown = ids.flatMap((id) => (may.has(id) ? [hosts.get(id) ?? { id, name: id, labels: {} }] : []))
      const message = alertMessage(group.state, notification, shown, now.getTime())
      const summary = plainText(`${notification.change}: ${message.data.title}. ${message.data.sentence}`)
      deliveries.push({ channelId: channel.id, summary, message })
      reached.push({ id: channel.id, name: names.get(channel.id) ?? '' })
    }
    channels.set(group.state.id, reached)
  }
  return { deliveries, channels }
}

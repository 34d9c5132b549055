import { type AlertChanged, MESSAGE_HOSTS_MAX } from '../../contract/channel-messages.ts'
import type { Labels } from '../../contract/labels.ts'
import { plainText } from '../channel-text.ts'
import { counted, listed } from '../sentence.ts'
import type { AlertGroupState, AlertNotification } from './alert-group.ts'

export interface AlertHost {
  readonly id: string
  readonly name: string
  readonly labels: Labels
}

const instant = (time: number) => new Date(time).toISOString()
const orNull = (time: number | null) => (time === null ? null : instant(time))

/** What all have: the same value of the same key. */
const commonLabels = (hosts: readonly AlertHost[]): Record<string, string> => {
  const [first, ...rest] = hosts
  if (first === undefined) return {}
  return Object.fromEntries(
    Object.entries(first.labels).filter(([key, value]) => rest.every(({ labels }) => labels[key] === value)),
  )
}

/**
 * What is so, and on which hosts.
 * @param names of the first of them
 */
export const alertSentence = (
  { detail, isOver }: { readonly detail: string; readonly isOver: boolean },
  names: readonly string[],
  count: number,
): string => {
  if (count === 0) return detail
  const shown = names.slice(0, 3)
  const more = count - shown.length
  const which = more > 0 ? `${shown.join(', ')} and ${more} more` : listed(shown)
  return `${isOver ? 'It was on' : 'On'} ${counted(count, 'host')}: ${which}. ${detail}`
}

/** By which receivers know that messages are of one incident. */
const dedupKeyOf = ({ rule, id }: Pick<AlertGroupState, 'rule' | 'id'>): string => `rebootless:${rule}:${id}`

/**
 * An alert as it leaves this server: all that may hold a host's or a person's words is escaped and bounded.
 * @param hosts those that the receiver may know of
 */
export const alertMessage = (
  group: AlertGroupState,
  { number, change, status }: AlertNotification,
  hosts: readonly AlertHost[],
  now: number,
): AlertChanged => {
  const { acknowledged } = group
  return {
    type: 'alert.changed',
    timestamp: instant(now),
    data: {
      ...{ id: group.id, number, dedupKey: dedupKeyOf(group), rule: group.rule, severity: group.severity },
      ...{ status, change, title: plainText(group.title, 300) },
      sentence: plainText(
        alertSentence(
          { detail: group.detail, isOver: group.resolvedAt !== null },
          hosts.map(({ name }) => name),
          hosts.length,
        ),
      ),
      cause: plainText(group.cause, 600),
      hostCount: hosts.length,
      hosts: hosts.slice(0, MESSAGE_HOSTS_MAX).map(({ id, name }) => ({ id, name: plainText(name, 300) })),
      labels: Object.fromEntries(
        Object.entries(commonLabels(hosts)).map(([key, value]) => [plainText(key, 64), plainText(value, 300)]),
      ),
      since: instant(group.since),
      firedAt: instant(group.firedAt ?? now),
      resolvedAt: orNull(group.resolvedAt),
      acknowledged:
        acknowledged === null
          ? null
          : {
              by: plainText(acknowledged.by, 64),
              at: acknowledged.at,
              note: acknowledged.note === null ? null : plainText(acknowledged.note),
            },
      silencedUntil: orNull(group.silencedUntil),
      escalationLevel: group.escalationLevel,
      path: `/alerts/${group.id}`,
      runbookPath: `/alerts/${group.id}#runbook`,
    },
  }
}

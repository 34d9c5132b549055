import type { Channel, ChannelEvents } from '@rebootless/shared/contract/channels.ts'
import type { ChannelKind } from '@rebootless/shared/domain/channel-words.ts'
import { DECISION_KINDS, type DecisionKind } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { counted } from '@rebootless/shared/domain/sentence.ts'

export const KIND_WORDS: Readonly<Record<ChannelKind, string>> = {
  webhook: 'Webhook',
  slack: 'Slack',
  teams: 'Microsoft Teams',
  smtp: 'Mail',
  pagerduty: 'PagerDuty',
  alertmanager: 'Alertmanager',
  grafana: 'Grafana',
}

const GROUPS = ['Needs somebody', 'How it goes', 'How it ends', 'What people do'] as const
type Group = (typeof GROUPS)[number]

const GROUP_OF: Readonly<Record<DecisionKind, Group>> = {
  'awaiting approval': 'Needs somebody',
  'gate shut': 'Needs somebody',
  'paused by itself': 'Needs somebody',
  'reversing by itself': 'Needs somebody',
  stalled: 'Needs somebody',
  failed: 'Needs somebody',
  vanished: 'Needs somebody',
  'clock jumped': 'Needs somebody',
  started: 'How it goes',
  'wave begun': 'How it goes',
  'wave settled': 'How it goes',
  'wave done': 'How it goes',
  'wave undone': 'How it goes',
  joined: 'How it goes',
  done: 'How it ends',
  aborted: 'How it ends',
  reversed: 'How it ends',
  'reversed in part': 'How it ends',
  promoted: 'What people do',
  'gate approved': 'What people do',
  paused: 'What people do',
  resumed: 'What people do',
  reversing: 'What people do',
  'left out': 'What people do',
  'act refused': 'What people do',
}

/** Kinds of decisions under the heads that one looks for them by. */
export const DECISION_GROUPS = GROUPS.map((name) => ({
  name,
  kinds: DECISION_KINDS.filter((kind) => GROUP_OF[kind] === name),
}))

export const NEEDS_SOMEBODY = DECISION_KINDS.filter((kind) => GROUP_OF[kind] === 'Needs somebody')

/** `every decision`, or `decisions: stalled, failed`. Null: none. */
export const decisionsText = ({ decisions }: ChannelEvents): string | null => {
  if (decisions === 'all') return 'every decision'
  if (decisions.length > 3) return `${decisions.length} kinds of decisions`
  return decisions.length === 0 ? null : `decisions: ${decisions.join(', ')}`
}

/** `heads of the audit log every 15 minutes`. Null: none. */
export const headsText = ({ auditHeads }: ChannelEvents): string | null => {
  if (auditHeads === null) return null
  const { everyMinutes: minutes } = auditHeads
  const [number, unit] = minutes % 60 === 0 ? [minutes / 60, 'hour'] : [minutes, 'minute']
  return `heads of the audit log every ${number === 1 ? unit : counted(number, unit)}`
}

/** `alerts that page or are tickets`. Null: none. */
export const alertsText = ({ alerts }: ChannelEvents): string | null => {
  if (alerts === undefined) return null
  const { severityAtLeast, rules } = alerts
  const which = { page: 'alerts that page', ticket: 'alerts that page or are tickets', info: 'all alerts' }[
    severityAtLeast
  ]
  return rules === 'all' ? which : `${which}, of ${counted(rules.length, 'rule')}`
}

/** Of an address as a channel shows it; `smtp:` has no host in every browser. */
export const hostOf = (address: string): string => address.replace(/^\w+:\/\//, '').split('/')[0] ?? ''

export type ChannelState = 'on' | 'failing' | 'off'
export const channelState = ({ enabled, failing }: Channel): ChannelState =>
  enabled ? (failing === null ? 'on' : 'failing') : 'off'

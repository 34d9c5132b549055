/** The closed lists of words of channels, by which events leave this server. Plain data, as in words.ts. */

export const CHANNEL_KINDS = ['webhook', 'slack', 'teams', 'smtp', 'pagerduty', 'alertmanager', 'grafana'] as const
export type ChannelKind = (typeof CHANNEL_KINDS)[number]
/** `push`: a browser that a person turned notifications on in; each is served as a channel of his own. */
export type TargetKind = ChannelKind | 'push'

interface KindFacts {
  /** Decisions of rollouts: what pages somebody, or keeps alerts until they are resolved, has no use for them. */
  readonly decisions: boolean
  /** Signed heads of the audit log. */
  readonly heads: boolean
  readonly alerts: boolean
  /** Scheduled reports of compliance, which people read. */
  readonly reports: boolean
  /** Its address is its secret: whoever knows it may write there. Kept sealed; shown is its origin. */
  readonly addressIsSecret: boolean
  readonly token: 'none' | 'optional' | 'needed'
}
const COMMON = { decisions: true, heads: false, alerts: true, reports: true, addressIsSecret: false } as const

export const CHANNEL_FACTS: Readonly<Record<ChannelKind, KindFacts>> = {
  webhook: { ...COMMON, heads: true, token: 'none' },
  slack: { ...COMMON, addressIsSecret: true, token: 'none' },
  teams: { ...COMMON, addressIsSecret: true, token: 'none' },
  smtp: { ...COMMON, token: 'optional' },
  pagerduty: { ...COMMON, decisions: false, reports: false, token: 'needed' },
  alertmanager: { ...COMMON, decisions: false, reports: false, token: 'optional' },
  grafana: { ...COMMON, reports: false, token: 'needed' },
}

/** PagerDuty, "Events API v2": where routing keys of its United States region are taken. */
export const PAGERDUTY_ADDRESS = 'https://events.pagerduty.com'

/** Stands before an endpoint where it is hashed, by server and browser alike. */
export const ENDPOINT_PURPOSE = 'rebootless push endpoint '

/** Names of messages, hierarchical as Standard Webhooks asks ("Event types"). */
export const MESSAGE_TYPES = [
  'rollout.decided',
  'audit.head_signed',
  'alert.changed',
  'compliance.report',
  'channel.tested',
] as const
export type MessageType = (typeof MESSAGE_TYPES)[number]

/** `dead`: it was given up, is kept, and goes again when somebody says so. */
export const DELIVERY_STATES = ['waiting', 'delivered', 'dead'] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

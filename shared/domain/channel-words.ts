/** The closed lists of words of channels, by which events leave this server. Plain data, as in words.ts. */

export const CHANNEL_KINDS = ['webhook', 'grafana'] as const
export type ChannelKind = (typeof CHANNEL_KINDS)[number]

/** Names of messages, hierarchical as Standard Webhooks asks ("Event types"). */
export const MESSAGE_TYPES = ['rollout.decided', 'audit.head_signed', 'alert.changed', 'channel.tested'] as const
export type MessageType = (typeof MESSAGE_TYPES)[number]

/** `dead`: it was given up, is kept, and goes again when somebody says so. */
export const DELIVERY_STATES = ['waiting', 'delivered', 'dead'] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

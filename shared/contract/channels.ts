import * as z from 'zod'
import { ALERT_RULE_IDS, ALERT_SEVERITIES } from '../domain/alerts/alert-words.ts'
import { CHANNEL_KINDS, DELIVERY_STATES, MESSAGE_TYPES } from '../domain/channel-words.ts'
import { DECISION_KINDS } from '../domain/rollouts/rollout-words.ts'
import { ScopeText } from './people.ts'
import { Instant, ReasonText } from './primitives.ts'
import { UserName } from './session.ts'

/** Which alerts: those of a rule that names this channel come besides. */
export const AlertEvents = z.strictObject({
  /** And all that are more urgent. */
  severityAtLeast: z.enum(ALERT_SEVERITIES),
  rules: z.union([z.literal('all'), z.array(z.enum(ALERT_RULE_IDS)).min(1).max(ALERT_RULE_IDS.length)]),
})
export type AlertEvents = z.infer<typeof AlertEvents>

/** Which events a channel is sent. */
export const ChannelEvents = z
  .strictObject({
    /** Decisions of rollouts, by kind; `all`: those of later versions too. Empty: none. */
    decisions: z.union([z.literal('all'), z.array(z.enum(DECISION_KINDS)).max(DECISION_KINDS.length)]),
    /** The signed head of the audit log, so often while the log grows (threat-model T30). Null: never. */
    auditHeads: z.strictObject({ everyMinutes: z.int().min(1).max(1440) }).nullable(),
    /** Left out: none. */
    alerts: AlertEvents.optional(),
  })
  .refine(({ decisions, auditHeads, alerts }) => decisions.length > 0 || auditHeads !== null || alerts !== undefined, {
    error: 'choose at least one event',
  })
export type ChannelEvents = z.infer<typeof ChannelEvents>

const name = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u)
/** Of the receiver; of Grafana the address of its pages, below which `/api/annotations` lies. */
const address = z.url({ protocol: /^https?$/ }).max(1000)
/** Of a service account that may write annotations of the organisation. */
const token = z
  .string()
  .min(1)
  .max(1000)
  .regex(/^[!-~]+$/)

const settings = {
  name,
  address,
  events: ChannelEvents,
  /** Only of rollouts all of whose hosts these words hold; null: of every one. Heads of the log name no host. */
  scope: ScopeText.default(null),
}
export const NewChannel = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('webhook'), ...settings }),
  z.strictObject({ kind: z.literal('grafana'), ...settings, token }),
])
export type NewChannel = z.infer<typeof NewChannel>

/** What is left out stays as it is. */
export const ChannelChange = z
  .strictObject({
    name: name.optional(),
    address: address.optional(),
    events: ChannelEvents.optional(),
    scope: ScopeText.optional(),
    enabled: z.boolean().optional(),
    token: token.optional(),
    reason: ReasonText.optional(),
  })
  .refine(({ enabled, reason }) => enabled !== false || reason !== undefined, {
    path: ['reason'],
    error: 'say why: to turn a channel off takes a reason',
  })
export type ChannelChange = z.infer<typeof ChannelChange>

/** Secrets go in and never come out. */
export const Channel = z.strictObject({
  id: z.uuid(),
  kind: z.enum(CHANNEL_KINDS),
  name: z.string(),
  address: z.string(),
  events: ChannelEvents,
  scope: z.string().nullable(),
  enabled: z.boolean(),
  /** Why the server turned it off by itself; null: it did not. */
  offBecause: z.string().nullable(),
  /** `whpk_` and the Ed25519 key in base64, which tells signatures `v1a` of this channel; null: it does not sign. */
  publicKey: z.string().nullable(),
  createdBy: UserName,
  createdAt: Instant,
  waiting: z.int().min(0),
  dead: z.int().min(0),
  lastDeliveredAt: Instant.nullable(),
  /** What went wrong at the last try; null: nothing, or there was none. */
  failing: z.strictObject({ since: Instant, detail: z.string(), failures: z.int().min(1), nextAt: Instant }).nullable(),
})
export type Channel = z.infer<typeof Channel>
export const ChannelList = z.strictObject({ items: z.array(Channel), asOf: Instant })
export type ChannelList = z.infer<typeof ChannelList>

/** `secret` (`whsec_` and base64, Standard Webhooks) is shown this once; null: the channel has none of its own. */
export const CreatedChannel = z.strictObject({ channel: Channel, secret: z.string().nullable() })
export const NewChannelSecret = z.strictObject({
  secret: z.string(),
  /** Until then the one before signs too, so that a receiver may change over. */
  formerUntil: Instant,
})

/** What came of one try. */
export const DeliveryAnswer = z.strictObject({
  delivered: z.boolean(),
  /** Null: no answer came. */
  status: z.int().nullable(),
  /** A sentence. */
  detail: z.string().max(700),
  /** The beginning of what the receiver answered: hostile text. */
  answer: z.string().max(500),
  milliseconds: z.int().min(0),
})
export type DeliveryAnswer = z.infer<typeof DeliveryAnswer>

export const ChannelDelivery = z.strictObject({
  /** Sent along as `webhook-id`: the same at every try. */
  id: z.uuid(),
  type: z.enum(MESSAGE_TYPES),
  /** What it tells, in a sentence. */
  summary: z.string(),
  state: z.enum(DELIVERY_STATES),
  attempts: z.int().min(0),
  createdAt: Instant,
  /** When it was delivered or given up. */
  endedAt: Instant.nullable(),
  /** Of the last try; null: none was answered. */
  status: z.int().nullable(),
  detail: z.string().nullable(),
})
export type ChannelDelivery = z.infer<typeof ChannelDelivery>

export const DeliveryListQuery = z.strictObject({
  state: z.enum(DELIVERY_STATES).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
/** Newest first. */
export const ChannelDeliveryList = z.strictObject({ items: z.array(ChannelDelivery), total: z.int() })
export type ChannelDeliveryList = z.infer<typeof ChannelDeliveryList>

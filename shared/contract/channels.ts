import * as z from 'zod'
import { ALERT_RULE_IDS, ALERT_SEVERITIES } from '../domain/alerts/alert-words.ts'
import { CHANNEL_KINDS, DELIVERY_STATES, MESSAGE_TYPES } from '../domain/channel-words.ts'
import { DECISION_KINDS } from '../domain/rollouts/rollout-words.ts'
import { ScopeText } from './people.ts'
import { Instant, ReasonText } from './primitives.ts'
import { UserName } from './session.ts'

/** Which alerts; those of a rule that names its channels go to these alone, whatever they say here. */
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
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'should be one line without control characters')
/** Of the receiver; of Grafana and Alertmanager the address of their pages, below which `/api` lies. */
const webAddress = z.url({ protocol: /^https?$/ }).max(1000)
/** `smtp:` begins TLS by STARTTLS, `smtps:` with it; the port is 587 or 465 unless it is said. */
const mailServer = z.url({ protocol: /^smtps?$/ }).max(1000)
/** A token, a routing key, a password: no byte that could end a header or a line. */
const token = z
  .string()
  .min(1)
  .max(1000)
  .regex(/^[!-~]+$/, 'should be letters, digits and signs of ASCII, without spaces')
const password = z
  .string()
  .min(1)
  .max(1000)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'should be one line without control characters')
/** PagerDuty, "Integration Key": 32 letters and digits. */
const routingKey = z.string().regex(/^[0-9A-Za-z]{32}$/, 'should be the 32 letters and digits of its integration key')
const user = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}:]*$/u, 'should be one line without a colon')
/** An address alone, without a name: nothing in it can end a line or begin another header (RFC 5321, 4.1.2). */
export const MailAddress = z.email().max(254)
export const MAIL_TO_MAX = 20
export const MailSettings = z.strictObject({ from: MailAddress, to: z.array(MailAddress).min(1).max(MAIL_TO_MAX) })
export type MailSettings = z.infer<typeof MailSettings>
/** Address of these pages, as its readers reach them: links in messages begin with it. Null: no links. */
const pages = z
  .url({ protocol: /^https?$/ })
  .max(300)
  .nullable()

const events = { name, events: ChannelEvents }
/** Only what is wholly of hosts that these words hold; null: all of it. Heads of the log name no host. */
const scope = { scope: ScopeText.default(null) }
const shared = { ...events, ...scope, pages: pages.default(null) }
export const NewChannel = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('webhook'), ...events, ...scope, address: webAddress }),
  z.strictObject({ kind: z.literal('grafana'), ...events, ...scope, address: webAddress, token }),
  z.strictObject({ kind: z.literal('slack'), ...shared, address: webAddress }),
  z.strictObject({ kind: z.literal('teams'), ...shared, address: webAddress }),
  z.strictObject({ kind: z.literal('pagerduty'), ...shared, address: webAddress, token: routingKey }),
  z.strictObject({
    kind: z.literal('smtp'),
    ...shared,
    address: mailServer,
    mail: MailSettings,
    /** With its password as `token`; null: the server takes mail without. */
    user: user.nullable().default(null),
    token: password.nullable().default(null),
  }),
  z.strictObject({
    kind: z.literal('alertmanager'),
    ...shared,
    address: webAddress,
    /** With its password as `token`; null with a token: it is a bearer's. */
    user: user.nullable().default(null),
    token: token.nullable().default(null),
  }),
])
export type NewChannel = z.infer<typeof NewChannel>

/** What is left out stays as it is. */
export const ChannelChange = z
  .strictObject({
    name: name.optional(),
    address: z.union([webAddress, mailServer]).optional(),
    events: ChannelEvents.optional(),
    scope: ScopeText.optional(),
    enabled: z.boolean().optional(),
    /** Null: none any more, where a channel may do without. */
    token: password.nullable().optional(),
    user: user.nullable().optional(),
    mail: MailSettings.optional(),
    pages: pages.optional(),
    reason: ReasonText.optional(),
  })
  .refine(({ enabled, reason }) => enabled !== false || reason !== undefined, {
    path: ['reason'],
    error: 'is missing: to turn a channel off takes a reason',
  })
export type ChannelChange = z.infer<typeof ChannelChange>

/** Secrets go in and never come out. */
export const Channel = z.strictObject({
  id: z.uuid(),
  kind: z.enum(CHANNEL_KINDS),
  name: z.string(),
  /** Of Slack and Teams its origin alone, since who knows the rest may write there. */
  address: z.string(),
  events: ChannelEvents,
  scope: z.string().nullable(),
  user: z.string().nullable(),
  /** Whether it has a password or token. */
  hasToken: z.boolean(),
  mail: MailSettings.nullable(),
  pages: z.string().nullable(),
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

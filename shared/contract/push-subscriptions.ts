import * as z from 'zod'
import { ALERT_SEVERITIES } from '../domain/alerts/alert-words.ts'
import { Instant } from './primitives.ts'

const base64url = (charactersMax: number) =>
  z
    .string()
    .min(1)
    .max(charactersMax)
    .regex(/^[A-Za-z0-9_-]+={0,2}$/)

/** What a browser gives when it subscribes (Push API, `PushSubscription.toJSON`). A browser that is known is changed. */
export const NewPushSubscription = z.strictObject({
  /** Of the browser's maker: whoever knows it may have notifications written there, so it is kept sealed. */
  endpoint: z.url({ protocol: /^https?$/ }).max(1000),
  /** RFC 8291, 3: 65 bytes of a point on P-256, and 16 bytes. */
  keys: z.strictObject({ p256dh: base64url(120), auth: base64url(60) }),
  /** What its owner calls this browser. */
  name: z
    .string()
    .trim()
    .min(1)
    .max(64)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'should be one line without control characters'),
  /** And all that are more urgent. */
  severityAtLeast: z.enum(ALERT_SEVERITIES),
})
export type NewPushSubscription = z.infer<typeof NewPushSubscription>

export const PushSubscription = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  /** Of the push service: what stands behind its host is a secret. */
  service: z.string(),
  severityAtLeast: z.enum(ALERT_SEVERITIES),
  createdAt: Instant,
  lastDeliveredAt: Instant.nullable(),
  /** What went wrong at the last try; null: nothing, or there was none. */
  failing: z.string().nullable(),
  /** SHA-256 of `ENDPOINT_PURPOSE` and the endpoint, in hex: by it a browser finds itself in the list. */
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
})
export type PushSubscription = z.infer<typeof PushSubscription>

/** Of whoever asks. `publicKey`: by it a browser subscribes (RFC 8292, 3.2), base64url. */
export const PushSubscriptionList = z.strictObject({ items: z.array(PushSubscription), publicKey: z.string() })
export type PushSubscriptionList = z.infer<typeof PushSubscriptionList>

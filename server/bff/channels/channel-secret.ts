import { generateKeyPairSync, randomBytes } from 'node:crypto'
import * as z from 'zod'
import { publicKeyOf } from '../../signing/ed25519.ts'
import type { SecretBox } from '../secrets/secret-box.ts'

/** Standard Webhooks, "Signature scheme": 24 to 64 bytes. */
const SECRET_BYTES = 32

const Hmac = z.string()
const WebhookSecret = z.strictObject({
  kind: z.literal('webhook'),
  /** Base64. */
  hmac: Hmac,
  /** Signs beside the new one, so that a receiver may change over. */
  former: z.strictObject({ hmac: Hmac, until: z.iso.datetime() }).nullable(),
  /** PKCS #8, PEM. Of this channel alone: the server's own key signs what hosts obey, and nothing else. */
  ed25519: z.string(),
})
export type WebhookSecret = z.infer<typeof WebhookSecret>
const token = z.string()
const ChannelSecret = z.discriminatedUnion('kind', [
  WebhookSecret,
  z.strictObject({ kind: z.literal('grafana'), token }),
  /** The whole address: who knows it may write there. */
  z.strictObject({ kind: z.literal('slack'), address: z.string() }),
  z.strictObject({ kind: z.literal('teams'), address: z.string() }),
  z.strictObject({ kind: z.literal('pagerduty'), token }),
  z.strictObject({ kind: z.literal('smtp'), token: token.nullable() }),
  z.strictObject({ kind: z.literal('alertmanager'), token: token.nullable() }),
  /** As the browser gave them (RFC 8291, 3); endpoint: who knows it may have a push service write there. */
  z.strictObject({ kind: z.literal('push'), endpoint: z.string(), p256dh: z.string(), auth: z.string() }),
])
export type ChannelSecret = z.infer<typeof ChannelSecret>

/** As receivers' libraries take it. */
export const shownSecret = ({ hmac }: WebhookSecret): string => `whsec_${hmac}`

const newHmac = () => randomBytes(SECRET_BYTES).toString('base64')

export const newWebhookSecret = (): { secret: WebhookSecret; publicKey: string } => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const ed25519 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return {
    secret: { kind: 'webhook', hmac: newHmac(), former: null, ed25519 },
    publicKey: `whpk_${publicKeyOf(privateKey)}`,
  }
}

export const changedSecret = (secret: WebhookSecret, formerUntil: Date): WebhookSecret => ({
  ...secret,
  hmac: newHmac(),
  former: { hmac: secret.hmac, until: formerUntil.toISOString() },
})

const purposeOf = (channelId: string) => `channel ${channelId}`

export const sealChannelSecret = (box: SecretBox, channelId: string, secret: ChannelSecret): string =>
  box.seal(purposeOf(channelId), JSON.stringify(secret))

/** @throws DomainError `secret_unreadable` */
export const openChannelSecret = (box: SecretBox, channelId: string, sealed: string): ChannelSecret =>
  ChannelSecret.parse(JSON.parse(box.open(purposeOf(channelId), sealed)))

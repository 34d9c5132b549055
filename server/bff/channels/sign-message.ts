import { createHmac, createPrivateKey, sign } from 'node:crypto'
import type { WebhookSecret } from './channel-secret.ts'

/**
 * The headers that prove who sent a message and that it is whole and recent (threat-model T12): Standard Webhooks,
 * "Signature scheme" and "Webhook headers". The id is a UUID of ours, so no full stop of another's making is in it.
 * @param at of this try, not of the event
 */
export const signMessage = (
  secret: WebhookSecret,
  { id, body, at }: { readonly id: string; readonly body: string; readonly at: Date },
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> => {
  const timestamp = String(Math.floor(at.getTime() / 1000))
  const content = Buffer.from(`${id}.${timestamp}.${body}`)
  const hmacs = [secret.hmac]
  if (secret.former !== null && Date.parse(secret.former.until) > at.getTime()) hmacs.push(secret.former.hmac)
  const signatures = hmacs.map(
    (key) => `v1,${createHmac('sha256', Buffer.from(key, 'base64')).update(content).digest('base64')}`,
  )
  signatures.push(`v1a,${sign(null, content, createPrivateKey(secret.ed25519)).toString('base64')}`)
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}

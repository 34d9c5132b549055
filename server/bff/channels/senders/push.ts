import type { ChannelMessage } from '@rebootless/shared/contract/channel-messages.ts'
import { pushNote } from '@rebootless/shared/domain/channel-formats/push.ts'
import webPush from 'web-push'
import type { GuardedFetch } from '../../outgoing/guarded-fetch.ts'
import type { ChannelSecret } from '../channel-secret.ts'
import type { PushKeys } from '../push-keys.ts'
import { type Answered, answerOf, notFor } from '../tried.ts'

/** RFC 8030, 5.2: a phone that was off for longer needs no news of then. */
const KEPT_SECONDS = 4 * 60 * 60

/** RFC 8030, 7.3: the subscription is over, for whatever reason. */
const OVER = { verdict: 'gone', detail: 'The browser wants no more notifications.' } as const
const MEANINGS = { 404: OVER, 410: OVER, 429: { detail: 'The push service takes no more for now.' } } as const

export interface PushSend {
  readonly secret: Extract<ChannelSecret, { kind: 'push' }>
  readonly keys: PushKeys
  /** RFC 8292, 2.1: whom a push service may ask about this sender. */
  readonly subject: string | null
  readonly message: ChannelMessage
  readonly at: Date
}

export const sendPush = async (
  fetch: GuardedFetch,
  { secret: { endpoint, p256dh, auth }, keys, subject, message, at }: PushSend,
): Promise<Answered> => {
  const note = pushNote(message)
  if (note === null) return notFor('A browser')
  const { method, headers, body } = webPush.generateRequestDetails(
    { endpoint, keys: { p256dh, auth } },
    JSON.stringify(note),
    {
      vapidDetails: { subject: subject ?? NOBODY, ...keys },
      TTL: KEPT_SECONDS,
      urgency: note.stays ? 'high' : 'normal',
    },
  )
  const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
  return answerOf(await fetch(endpoint, { method, headers: sent, body }), at, MEANINGS)
}

const NOBODY = 'https://rebootless.invalid'

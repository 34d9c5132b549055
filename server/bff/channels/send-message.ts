import { ChannelMessage } from '@rebootless/shared/contract/channel-messages.ts'
import type { TargetKind } from '@rebootless/shared/domain/channel-words.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { KindSettings } from '../database/channel-tables.ts'
import type { GuardedFetch } from '../outgoing/guarded-fetch.ts'
import type { SecretBox } from '../secrets/secret-box.ts'
import { type ChannelSecret, openChannelSecret } from './channel-secret.ts'
import type { PushKeys } from './push-keys.ts'
import { refreshAlertmanager, sendToAlertmanager } from './senders/alertmanager.ts'
import { annotate } from './senders/grafana.ts'
import { sendToPagerduty } from './senders/pagerduty.ts'
import { JSON_TYPE } from './senders/post-json.ts'
import { sendPush } from './senders/push.ts'
import { sendToSlack } from './senders/slack.ts'
import { type MailOptions, sendMail } from './senders/smtp.ts'
import { sendToTeams } from './senders/teams.ts'
import { signMessage } from './sign-message.ts'
import { type Answered, answered, answerOf, type Tried } from './tried.ts'

export interface Target {
  readonly id: string
  readonly kind: TargetKind
  readonly address: string
  readonly settings: KindSettings | null
  /** Sealed. */
  readonly secret: string
}

export interface OutgoingMessage {
  readonly id: string
  readonly body: string
  /** Not the first try: the one before may have arrived. */
  readonly again: boolean
  /** Recipients who have not got it while others have; null: it goes to all. */
  readonly remaining: readonly string[] | null
  /** Body of the first message of the same alert that was delivered there; null: this is it. */
  readonly firstOfAlert: string | null
}

/** One try. Whatever the receiver does is an answer. @param at of the try */
export type SendMessage = (target: Target, message: OutgoingMessage, at: Date) => Promise<Tried>

/** What an alert was told by there, first and last. */
export interface Firing {
  readonly first: string
  readonly last: string
}

export interface Sender {
  readonly send: SendMessage
  /** Says again, at once, all that fires at a receiver that forgets. */
  readonly refresh: (target: Target, firing: readonly Firing[], at: Date) => Promise<Tried>
}

export interface SenderOptions {
  /** Guarded, so neither redirects nor addresses that are not public (threat-model T12). */
  readonly fetch: GuardedFetch
  readonly mail: MailOptions
  readonly secrets: SecretBox
  readonly pushKeys: () => Promise<PushKeys>
}

export const createSender = (options: SenderOptions): Sender => ({
  send: (target, message, at) => timed(sendOne(options, target, message, at)),
  refresh: (target, firing, at) => timed(refreshOne(options, target, firing, at)),
})

const timed = async (sending: Promise<Answered>): Promise<Tried> => {
  const begun = performance.now()
  const answer = await sending.catch((error: unknown): Answered => {
    if (!(error instanceof DomainError)) throw error
    return answered('failed', error.detail)
  })
  return { ...answer, milliseconds: Math.round(performance.now() - begun) }
}

const sendOne = async (
  { fetch, mail, secrets, pushKeys }: SenderOptions,
  target: Target,
  { id, body, again, remaining, firstOfAlert }: OutgoingMessage,
  at: Date,
): Promise<Answered> => {
  const secret = openChannelSecret(secrets, target.id, target.secret)
  const { address } = target
  if (secret.kind === 'webhook') {
    const headers = { ...JSON_TYPE, ...signMessage(secret, { id, body, at }) }
    return answerOf(await fetch(address, { method: 'POST', headers, body }), at)
  }
  const message = ChannelMessage.parse(JSON.parse(body))
  const settings = settingsOf(target)
  const common = { ...settings, address, id, message, at }
  switch (secret.kind) {
    case 'grafana':
      return annotate(fetch, { ...common, token: secret.token, again })
    case 'slack':
      return sendToSlack(fetch, { ...common, address: secret.address })
    case 'teams':
      return sendToTeams(fetch, { ...common, address: secret.address })
    case 'pagerduty':
      return sendToPagerduty(fetch, { ...common, token: secret.token })
    case 'smtp':
      return sendMail(mail, { ...common, mail: mailOf(target), token: secret.token, remaining })
    case 'alertmanager':
      return sendToAlertmanager(fetch, { ...common, token: secret.token, firstOfAlert })
    case 'push':
      return sendPush(fetch, { secret, keys: await pushKeys(), subject: settings.pages, message, at })
  }
}

const refreshOne = async (
  { fetch, secrets }: SenderOptions,
  target: Target,
  firing: readonly Firing[],
  at: Date,
): Promise<Answered> => {
  const secret: ChannelSecret = openChannelSecret(secrets, target.id, target.secret)
  if (secret.kind !== 'alertmanager') throw new Error(`a channel of the kind ${secret.kind} keeps no alerts`)
  const place = { ...settingsOf(target), address: target.address, token: secret.token }
  return refreshAlertmanager(fetch, place, firing, at)
}

const settingsOf = ({ settings }: Target) => ({ user: settings?.user ?? null, pages: settings?.pages ?? null })

const mailOf = ({ id, settings }: Target) => {
  if (settings?.mail === undefined) throw new Error(`the channel ${id} has no recipients`)
  return settings.mail
}

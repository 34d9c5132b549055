import { ChannelMessage } from '@rebootless/shared/contract/channel-messages.ts'
import type { DeliveryAnswer } from '@rebootless/shared/contract/channels.ts'
import { plainText } from '@rebootless/shared/domain/channel-text.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { grafanaAnnotation, messageTag } from '@rebootless/shared/domain/grafana-annotation.ts'
import { cut } from '@rebootless/shared/domain/sentence.ts'
import { databaseText } from '../database/database-text.ts'
import type { GuardedFetch } from '../outgoing/guarded-fetch.ts'
import type { SecretBox } from '../secrets/secret-box.ts'
import { type ChannelSecret, openChannelSecret } from './channel-secret.ts'
import { signMessage } from './sign-message.ts'

export interface Target {
  readonly id: string
  readonly address: string
  /** Sealed. */
  readonly secret: string
}

export interface OutgoingMessage {
  readonly id: string
  readonly body: string
  /** Not the first try: the one before may have arrived. */
  readonly again: boolean
}

/** One try. Whatever the receiver does is an answer. @param at of the try */
export type SendMessage = (target: Target, message: OutgoingMessage, at: Date) => Promise<DeliveryAnswer>

const JSON_TYPE = { 'content-type': 'application/json', accept: 'application/json', 'user-agent': 'Rebootless' }
const DETAIL_MAX = 700
const ANSWER_MAX = 500

type Answered = Omit<DeliveryAnswer, 'milliseconds'>

/** A fetch for messages: guarded, so neither redirects nor addresses that are not public (threat-model T12). */
export const createSender =
  (fetch: GuardedFetch, secrets: SecretBox): SendMessage =>
  async (target, message, at) => {
    const begun = performance.now()
    const answered = await send(fetch, secrets, target, message, at).catch((error: unknown): Answered => {
      if (!(error instanceof DomainError)) throw error
      return { delivered: false, status: null, detail: cut(error.detail, DETAIL_MAX), answer: '' }
    })
    return { ...answered, milliseconds: Math.round(performance.now() - begun) }
  }

const send = async (
  fetch: GuardedFetch,
  secrets: SecretBox,
  target: Target,
  message: OutgoingMessage,
  at: Date,
): Promise<Answered> => {
  const secret = openChannelSecret(secrets, target.id, target.secret)
  if (secret.kind === 'grafana') return annotate(fetch, target.address, secret, message)
  const headers = { ...JSON_TYPE, ...signMessage(secret, { id: message.id, body: message.body, at }) }
  return answerOf(await fetch(target.address, { method: 'POST', headers, body: message.body }))
}

const annotate = async (
  fetch: GuardedFetch,
  address: string,
  { token }: Extract<ChannelSecret, { kind: 'grafana' }>,
  { id, body, again }: OutgoingMessage,
): Promise<Answered> => {
  const annotation = grafanaAnnotation(id, ChannelMessage.parse(JSON.parse(body)))
  if (annotation === null)
    return { delivered: true, status: null, detail: 'Grafana keeps no such message.', answer: '' }
  const url = `${address.replace(/\/+$/, '')}/api/annotations`
  const headers = { ...JSON_TYPE, authorization: `Bearer ${token}` }
  if (again && (await isThere(fetch, url, headers, id))) {
    return { delivered: true, status: 200, detail: 'The annotation was there already.', answer: '' }
  }
  return answerOf(await fetch(url, { method: 'POST', headers, body: JSON.stringify(annotation) }))
}

/** Grafana drops no repeats by itself. A token that may not read costs a second annotation at worst. */
const isThere = async (
  fetch: GuardedFetch,
  url: string,
  headers: Readonly<Record<string, string>>,
  id: string,
): Promise<boolean> => {
  const answer = await fetch(`${url}?${new URLSearchParams({ tags: messageTag(id), limit: '1' })}`, { headers })
  if (answer.status !== 200) return false
  const found: unknown = await answer.json().catch(() => undefined)
  return Array.isArray(found) && found.length > 0
}

const answerOf = async (response: Response): Promise<Answered> => {
  const { status } = response
  const delivered = status >= 200 && status < 300
  const text = await response.text()
  return {
    ...{ delivered, status },
    detail: delivered ? `It was taken: ${status}.` : `The receiver answered ${status}.`,
    answer: databaseText(plainText(text, ANSWER_MAX)),
  }
}

import { AlertChanged, type ChannelMessage } from '@rebootless/shared/contract/channel-messages.ts'
import {
  alertmanagerTest,
  type PostableAlert,
  postableAlert,
} from '@rebootless/shared/domain/channel-formats/alertmanager.ts'
import type { GuardedFetch } from '../../outgoing/guarded-fetch.ts'
import { type Answered, answerOf, notFor } from '../tried.ts'
import { below, postJson } from './post-json.ts'

interface Place {
  readonly address: string
  /** Null with a token: a bearer's. */
  readonly user: string | null
  readonly token: string | null
  readonly pages: string | null
}
interface AlertmanagerSend extends Place {
  readonly id: string
  readonly message: ChannelMessage
  /** The first message of this alert that was delivered there. */
  readonly firstOfAlert: string | null
  readonly at: Date
}

const MEANINGS = {
  400: { detail: 'Alertmanager takes no such alert.' },
  401: { detail: 'It asks for a user and password, or a token.' },
  404: { detail: 'There is no Alertmanager at this address: give that of its pages, without /api.' },
} as const

export const sendToAlertmanager = async (fetch: GuardedFetch, send: AlertmanagerSend): Promise<Answered> => {
  const { id, message, firstOfAlert, at, pages } = send
  if (message.type === 'alert.changed') {
    const first = firstOfAlert === null ? message : AlertChanged.parse(JSON.parse(firstOfAlert))
    return post(fetch, send, [postableAlert(message, { first, at, pages })], at)
  }
  return message.type === 'channel.tested'
    ? post(fetch, send, [alertmanagerTest(id, message, at)], at)
    : notFor('Alertmanager')
}

/** Says again, in one call, what fires. @param firing the first and the last message of each alert */
export const refreshAlertmanager = (
  fetch: GuardedFetch,
  place: Place,
  firing: readonly { readonly first: string; readonly last: string }[],
  at: Date,
): Promise<Answered> => {
  const parse = (body: string) => AlertChanged.parse(JSON.parse(body))
  const alerts = firing.map(({ first, last }) =>
    postableAlert(parse(last), { first: parse(first), at, pages: place.pages }),
  )
  return post(fetch, place, alerts, at)
}

const post = async (
  fetch: GuardedFetch,
  { address, user, token }: Place,
  alerts: readonly PostableAlert[],
  at: Date,
): Promise<Answered> =>
  answerOf(await postJson(fetch, below(address, '/api/v2/alerts'), alerts, authorization(user, token)), at, MEANINGS)

const authorization = (user: string | null, token: string | null): Record<string, string> => {
  if (user !== null) {
    return { authorization: `Basic ${Buffer.from(`${user}:${token ?? ''}`, 'utf8').toString('base64')}` }
  }
  return token === null ? {} : { authorization: `Bearer ${token}` }
}

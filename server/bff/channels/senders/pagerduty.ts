import type { ChannelMessage } from '@rebootless/shared/contract/channel-messages.ts'
import {
  type PagerdutyEvent,
  pagerdutyEvent,
  pagerdutyTest,
} from '@rebootless/shared/domain/channel-formats/pagerduty.ts'
import type { GuardedFetch } from '../../outgoing/guarded-fetch.ts'
import { type Answered, answerOf, notFor } from '../tried.ts'
import { below, postJson } from './post-json.ts'

/** PagerDuty, "Events API v2 Overview", "Response codes & retry logic". */
const MEANINGS = {
  400: { detail: 'PagerDuty takes no such event: the routing key may be wrong, or of another kind of integration.' },
  403: { detail: 'PagerDuty takes no more events for now.' },
  429: { detail: 'PagerDuty takes no more events for now.' },
} as const

interface PagerdutySend {
  readonly address: string
  readonly token: string
  readonly pages: string | null
  readonly id: string
  readonly message: ChannelMessage
  readonly at: Date
}

export const sendToPagerduty = async (
  fetch: GuardedFetch,
  { address, token, pages, id, message, at }: PagerdutySend,
): Promise<Answered> => {
  let last = notFor('PagerDuty')
  for (const event of eventsOf(message, { token, pages, id })) {
    const response = await postJson(fetch, below(address, '/v2/enqueue'), event)
    last = withoutKey(await answerOf(response, at, MEANINGS), token)
    if (last.verdict !== 'delivered') break
  }
  return last
}

const eventsOf = (
  message: ChannelMessage,
  { token, pages, id }: Pick<PagerdutySend, 'token' | 'pages' | 'id'>,
): readonly PagerdutyEvent[] => {
  if (message.type === 'alert.changed') return [pagerdutyEvent(token, message, pages)]
  return message.type === 'channel.tested' ? pagerdutyTest(token, id, message) : []
}

/** The key stands in the body, and a receiver may say a body again. */
const withoutKey = (answer: Answered, token: string): Answered => ({
  ...answer,
  answer: answer.answer.replaceAll(token, '…'),
})

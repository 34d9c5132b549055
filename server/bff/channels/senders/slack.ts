import type { ChannelMessage } from '@rebootless/shared/contract/channel-messages.ts'
import { slackMessage } from '@rebootless/shared/domain/channel-formats/slack.ts'
import { toldOf } from '@rebootless/shared/domain/channel-formats/told.ts'
import type { GuardedFetch } from '../../outgoing/guarded-fetch.ts'
import { type Answered, answerOf, notFor } from '../tried.ts'
import { postJson } from './post-json.ts'

/** Slack, "Sending messages using incoming webhooks", "Handling errors". */
const MEANINGS = {
  403: { detail: 'Slack does not let this webhook write there: look at the app’s settings in Slack.' },
  404: { detail: 'Slack knows no such webhook or channel any more: make a new webhook there.' },
  410: { verdict: 'gone', detail: 'The channel in Slack is archived.' },
  429: { detail: 'Slack takes no more messages from this webhook for now.' },
} as const

export const sendToSlack = async (
  fetch: GuardedFetch,
  { address, pages, message, at }: { address: string; pages: string | null; message: ChannelMessage; at: Date },
): Promise<Answered> => {
  const told = toldOf(message, pages)
  if (told === null) return notFor('Slack')
  return answerOf(await postJson(fetch, address, slackMessage(told)), at, MEANINGS)
}

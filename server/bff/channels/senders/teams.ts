import type { ChannelMessage } from '@rebootless/shared/contract/channel-messages.ts'
import { teamsMessage } from '@rebootless/shared/domain/channel-formats/teams.ts'
import { toldOf } from '@rebootless/shared/domain/channel-formats/told.ts'
import type { GuardedFetch } from '../../outgoing/guarded-fetch.ts'
import { type Answered, answerOf, notFor } from '../tried.ts'
import { postJson } from './post-json.ts'

/** Azure Logic Apps, "Request trigger": 202 is taken; whether the flow posts its card, the flow's own runs tell. */
const MEANINGS = {
  401: { detail: 'The signature in the address is not good any more: copy the address from the workflow again.' },
  404: { detail: 'There is no such workflow any more, or it is turned off.' },
  429: { detail: 'The workflow takes no more messages for now.' },
} as const

export const sendToTeams = async (
  fetch: GuardedFetch,
  { address, pages, message, at }: { address: string; pages: string | null; message: ChannelMessage; at: Date },
): Promise<Answered> => {
  const told = toldOf(message, pages)
  if (told === null) return notFor('Teams')
  return answerOf(await postJson(fetch, address, teamsMessage(told)), at, MEANINGS)
}

import type { DeliveryAnswer } from '@rebootless/shared/contract/channels.ts'
import { retryAfterMs, type Verdict, verdictOf } from '@rebootless/shared/domain/channel-retry.ts'
import { plainText } from '@rebootless/shared/domain/channel-text.ts'
import { cut } from '@rebootless/shared/domain/sentence.ts'
import { databaseText } from '../database/database-text.ts'

/** What came of one try, and what it means for the message and its channel. */
export interface Tried extends DeliveryAnswer {
  readonly verdict: Verdict
  /** So long the receiver asks for rest; null: it did not say. */
  readonly restMs: number | null
  /** Recipients who have not got it while others have; null: it is one for all. */
  readonly remaining: readonly string[] | null
}
/** As a sender has it, before its time is known. */
export type Answered = Omit<Tried, 'milliseconds'>

const DETAIL_MAX = 700
const ANSWER_MAX = 500

export const answered = (
  verdict: Verdict,
  detail: string,
  more: { status?: number | null; answer?: string; restMs?: number | null; remaining?: readonly string[] } = {},
): Answered => ({
  delivered: verdict === 'delivered',
  verdict,
  status: more.status ?? null,
  detail: cut(detail, DETAIL_MAX),
  answer: databaseText(plainText(more.answer ?? '', ANSWER_MAX)),
  restMs: more.restMs ?? null,
  remaining: more.remaining ?? null,
})

/** A message that this kind of receiver has no use for counts as delivered: nothing waits behind it. */
export const notFor = (receiver: string): Answered => answered('delivered', `${receiver} keeps no such message.`)

/** What an HTTP receiver's answer means. @param meanings of statuses, in its vendor's words: a sentence for each that differs */
export const answerOf = async (
  response: Response,
  at: Date,
  meanings: Readonly<Record<number, { readonly verdict?: Verdict; readonly detail: string }>> = {},
): Promise<Answered> => {
  const { status } = response
  const meaning = meanings[status]
  const verdict = meaning?.verdict ?? verdictOf(status)
  const usual = verdict === 'delivered' ? `It was taken: ${status}.` : `The receiver answered ${status}.`
  const restMs = status === 429 || status === 503 ? retryAfterMs(response.headers.get('retry-after'), at) : null
  const detail = meaning === undefined ? usual : `${usual} ${meaning.detail}`
  return answered(verdict, detail, { status, answer: await response.text(), restMs })
}

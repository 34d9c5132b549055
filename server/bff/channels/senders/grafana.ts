import type { ChannelMessage } from '@rebootless/shared/contract/channel-messages.ts'
import { grafanaAnnotation, messageTag } from '@rebootless/shared/domain/grafana-annotation.ts'
import type { GuardedFetch } from '../../outgoing/guarded-fetch.ts'
import { type Answered, answered, answerOf, notFor } from '../tried.ts'
import { below, JSON_TYPE, postJson } from './post-json.ts'

interface GrafanaSend {
  readonly address: string
  readonly token: string
  readonly id: string
  readonly message: ChannelMessage
  readonly again: boolean
  readonly at: Date
}

export const annotate = async (
  fetch: GuardedFetch,
  { address, token, id, message, again, at }: GrafanaSend,
): Promise<Answered> => {
  const annotation = grafanaAnnotation(id, message)
  if (annotation === null) return notFor('Grafana')
  const url = below(address, '/api/annotations')
  const authorization = `Bearer ${token}`
  if (again && (await isThere(fetch, url, { ...JSON_TYPE, authorization }, id))) {
    return answered('delivered', 'The annotation was there already.', { status: 200 })
  }
  return answerOf(await postJson(fetch, url, annotation, { authorization }), at)
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

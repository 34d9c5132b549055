import { lookup as systemLookup } from 'node:dns'
import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { RequestFilteringHttpsAgent } from 'request-filtering-agent'
import { blockList, type Found, familyOf, isFiltered, pinned, resolve } from './named-networks.ts'

export interface GuardedInit {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: ConstructorParameters<typeof Response>[0]
  readonly signal?: AbortSignal | undefined
}

/** A call to a server that people named: an identity provider, a webhook, a feed. The answer is read whole. */
export type GuardedFetch = (url: string | URL, init?: GuardedInit) => Promise<Response>

export interface GuardedFetchOptions {
  /**
   * Addresses and networks (CIDR) beside the public ones that may be called, and that alone may be called without TLS:
   * setting OUTGOING_NETWORKS.
   */
  readonly networks: readonly string[]
  readonly lookup?: LookupFunction
  /** For the whole call, answer included. */
  readonly timeoutMs?: number
  readonly answerBytesMax?: number
  /** PEM of authorities to trust beside the system's. */
  readonly ca?: string
}

const TIMEOUT_MS = 10_000
const ANSWER_BYTES_MAX = 1024 * 1024
const WITHOUT_BODY = new Set([204, 205, 304])

const refused = (detail: string, cause?: unknown) => new DomainError('outgoing_refused', detail, { cause })
const failed = (detail: string, cause?: unknown) => new DomainError('outgoing_failed', detail, { cause })

const readAnswer = async (incoming: IncomingMessage, bytesMax: number): Promise<Buffer> => {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of incoming as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > bytesMax) throw refused(`The answer is larger than ${bytesMax} bytes, so it was not read to its end.`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

const answered = (outgoing: ClientRequest, body: Buffer | undefined): Promise<IncomingMessage> =>
  new Promise((done, reject) => {
    outgoing.once('response', done)
    outgoing.once('error', reject)
    outgoing.end(body)
  })

/**
 * T12: calls go by TLS to public addresses, judged as they are connected to by request-filtering-agent: neither private,
 * loopback, link-local nor mapped ones, however they are written or resolved. Redirects are not followed.
 * @returns a function that throws DomainError `outgoing_refused` when we do not call, `outgoing_failed` when it did not answer
 */
export const createGuardedFetch = (options: GuardedFetchOptions): GuardedFetch => {
  const { lookup = systemLookup as LookupFunction, timeoutMs = TIMEOUT_MS, answerBytesMax = ANSWER_BYTES_MAX } = options
  const named = blockList(options.networks)
  const isNamed = ({ address }: Found) => named.check(address, familyOf(address))
  const trust = options.ca === undefined ? {} : { ca: options.ca }
  const publicAgent = new RequestFilteringHttpsAgent({ lookup, ...trust })

  /** The agent for addresses that the setting names; undefined: some address is not one of them. */
  const agentForNamed = async (url: URL, signal: AbortSignal): Promise<HttpAgent | undefined> => {
    if (options.networks.length === 0) return undefined
    const found = await resolve(lookup, url.hostname.replace(/^\[|\]$/g, ''), signal)
    if (found.length === 0 || !found.every(isNamed)) return undefined
    return url.protocol === 'https:'
      ? new HttpsAgent({ lookup: pinned(found), ...trust })
      : new HttpAgent({ lookup: pinned(found) })
  }

  return async (target, init = {}) => {
    const url = new URL(target)
    if (url.username !== '' || url.password !== '')
      throw refused('An address with a name or password in it is not called.')
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused('Only https addresses are called.')
    const timeout = AbortSignal.timeout(timeoutMs)
    const signal = init.signal === undefined ? timeout : AbortSignal.any([timeout, init.signal])
    try {
      const agent = (await agentForNamed(url, signal)) ?? (url.protocol === 'https:' ? publicAgent : undefined)
      if (agent === undefined) {
        throw refused(`${url.host} is not called without TLS: use https, or name its address in OUTGOING_NETWORKS.`)
      }
      const carried = init.body === undefined || init.body === null ? undefined : new Response(init.body)
      const body = carried === undefined ? undefined : Buffer.from(await carried.arrayBuffer())
      const headers = new Headers(init.headers)
      const type = carried?.headers.get('content-type')
      if (type && !headers.has('content-type')) headers.set('content-type', type)
      // What is not compressed cannot grow behind the size limit.
      headers.set('accept-encoding', 'identity')
      if (body !== undefined) headers.set('content-length', String(body.length))
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest
      const { method = 'GET' } = init
      const incoming = await answered(send(url, { agent, method, headers: Object.fromEntries(headers), signal }), body)
      const { statusCode: status = 0 } = incoming
      if (status >= 300 && status < 400 && status !== 304) {
        incoming.destroy()
        throw refused(`${url.host} redirects elsewhere, which is not followed: enter the final address.`)
      }
      const answer = await readAnswer(incoming, answerBytesMax)
      const answerHeaders = new Headers()
      for (const [name, values] of Object.entries(incoming.headersDistinct)) {
        for (const value of values ?? []) answerHeaders.append(name, value)
      }
      return new Response(WITHOUT_BODY.has(status) ? null : new Uint8Array(answer), { status, headers: answerHeaders })
    } catch (error) {
      if (error instanceof DomainError) throw error
      if (isFiltered(error)) {
        throw refused(
          `${url.host} leads to an address that is not public: name it in OUTGOING_NETWORKS to allow it.`,
          error,
        )
      }
      if (timeout.aborted) throw failed(`${url.host} did not answer within ${timeoutMs / 1000} seconds.`, error)
      const how = url.protocol === 'https:' ? ' by HTTPS' : ''
      throw failed(`${url.host} could not be reached: check the address, and that it answers${how}.`, error)
    }
  }
}

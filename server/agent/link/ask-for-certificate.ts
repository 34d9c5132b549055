import { once } from 'node:events'
import { request } from 'node:https'
import { type EnrolRequest, EnrolResponse, type RenewRequest } from '@rebootless/shared/contract/enrolment.ts'
import { Problem } from '@rebootless/shared/contract/problem.ts'
import { type AskRequest, StillWaiting } from '@rebootless/shared/contract/waiting-room.ts'
import { ASK_PATH, SERVER_NAME } from '@rebootless/shared/domain/agent-link.ts'
import { LinkError } from './link-error.ts'
import { unreachable } from './pinned-authority.ts'
import type { ServerAddress } from './server-address.ts'

const ANSWER_BYTES_MAX = 64 * 1024
const SILENCE_MS_MAX = 15_000

/** What else the server must prove: the fixed name, under one of these authorities (PEM). */
interface KnownServer {
  readonly address: ServerAddress
  readonly authority: string | readonly string[]
  /** What the host shows, where it has a certificate. */
  readonly own?: { readonly key: string; readonly cert: string }
}

/**
 * Asks the server for a certificate, by enrolment or renewal. A server of before protocol 2 refuses what it does not
 * know, so it is asked again without (threat-model T21). Throws LinkError.
 */
export const askForCertificate = async (
  server: KnownServer,
  path: string,
  body: EnrolRequest | RenewRequest,
  timeoutMs = SILENCE_MS_MAX,
): Promise<EnrolResponse> => {
  try {
    return await postForCertificate(server, path, body, timeoutMs)
  } catch (error) {
    const older = error instanceof LinkError && error.problem === 'body_invalid' && body.protocol !== undefined
    if (!older) throw error
    return await postForCertificate(server, path, asOfProtocol1(body), timeoutMs)
  }
}

const asOfProtocol1 = <Body extends EnrolRequest | RenewRequest>(body: Body): object => {
  const since2 = ['protocol', 'machineId', 'authorities']
  return Object.fromEntries(Object.entries(body).filter(([key]) => !since2.includes(key)))
}

const postForCertificate = async (server: KnownServer, path: string, body: object, timeoutMs: number) => {
  const { status, json } = await post(server, path, body, timeoutMs)
  const answer = EnrolResponse.safeParse(json)
  if (status !== 201 || !answer.success) throw notUnderstood(status)
  return answer.data
}

/** Asks to be let in without a token; a person decides. Throws LinkError. */
export const askToBeLetIn = async (server: KnownServer, body: AskRequest): Promise<EnrolResponse | StillWaiting> => {
  const { status, json } = await post(server, ASK_PATH, body, SILENCE_MS_MAX)
  const waiting = StillWaiting.safeParse(json)
  if (status === 202 && waiting.success) return waiting.data
  const answer = EnrolResponse.safeParse(json)
  if (status !== 201 || !answer.success) throw notUnderstood(status)
  return answer.data
}

const notUnderstood = (status: number) =>
  new LinkError('answer_invalid', `The server answered ${status} with something this agent does not understand.`)

const post = async (
  server: KnownServer,
  path: string,
  body: object,
  timeoutMs: number,
): Promise<{ status: number; json: unknown }> => {
  const { address } = server
  const text = JSON.stringify(body)
  const call = request({
    ...address,
    path,
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) },
    ca: typeof server.authority === 'string' ? server.authority : [...server.authority],
    ...server.own,
    servername: SERVER_NAME,
    minVersion: 'TLSv1.3',
    agent: false,
    timeout: timeoutMs,
  })
  // Listened to until the end: an error while the answer is read comes after `once` has let go, and nobody else hears it.
  let failure: Error | undefined
  call.on('error', (error) => {
    failure ??= error
  })
  call.on('timeout', () => {
    failure ??= new Error('it did not answer in time')
    call.destroy(failure)
  })
  call.end(text)
  try {
    const [response] = await once(call, 'response')
    let answer = ''
    for await (const chunk of response.setEncoding('utf8')) {
      answer += chunk
      if (answer.length > ANSWER_BYTES_MAX) throw new Error('its answer is too long')
    }
    return readAnswer(response.statusCode, answer)
  } catch (error) {
    if (error instanceof LinkError) throw error
    const cause = failure ?? error
    throw unreachable(address, cause instanceof Error ? cause.message : String(cause))
  }
}

const readAnswer = (status: number, text: string): { status: number; json: unknown } => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    json = undefined
  }
  const problem = Problem.safeParse(json)
  if (!problem.success) return { status, json }
  const { type, detail } = problem.data
  throw new LinkError('refused', `The server refused: ${detail}`, { problem: type.replace('/problems/', '') })
}

import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:https'
import { type EnrolRequest, EnrolResponse } from '@rebootless/shared/contract/enrolment.ts'
import { Problem } from '@rebootless/shared/contract/problem.ts'
import { ENROL_PATH, SERVER_NAME } from '@rebootless/shared/domain/agent-link.ts'
import { parseJoinToken } from '@rebootless/shared/domain/join-token.ts'
import type { HostOrigin } from '@rebootless/shared/domain/words.ts'
import { certificateRequest } from './certificate-request.ts'
import { beginEpochs } from './epoch.ts'
import { type AgentIdentity, readIdentity, writeIdentity } from './identity.ts'
import { LinkError } from './link-error.ts'
import { fetchPinnedAuthority, unreachable } from './pinned-authority.ts'
import { addressOf, parseServerUrl, type ServerAddress } from './server-address.ts'

const ANSWER_BYTES_MAX = 64 * 1024

const post = async (address: ServerAddress, authority: string, body: EnrolRequest): Promise<EnrolResponse> => {
  const text = JSON.stringify(body)
  const call = request({
    ...address,
    path: ENROL_PATH,
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) },
    ca: authority,
    servername: SERVER_NAME,
    minVersion: 'TLSv1.3',
    agent: false,
    timeout: 15_000,
  })
  call.on('timeout', () => call.destroy(new Error('it did not answer in time')))
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
    throw unreachable(address, error instanceof Error ? error.message : String(error))
  }
}

const readAnswer = (status: number, text: string): EnrolResponse => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    json = undefined
  }
  const problem = Problem.safeParse(json)
  if (problem.success) throw new LinkError('refused', `The server refused: ${problem.data.detail}`)
  const answer = EnrolResponse.safeParse(json)
  if (status !== 201 || !answer.success) {
    throw new LinkError(
      'answer_invalid',
      `The server answered ${status} with something this agent does not understand.`,
    )
  }
  return answer.data
}

export interface EnrolOptions {
  readonly server: string
  /** The token, or how to get one when it is needed. */
  readonly token: string | (() => Promise<string>)
  readonly dataDirectory: string
  readonly hostName: string
  readonly origin: HostOrigin
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/**
 * Makes a key, has the server certify it, and keeps the identity in the data directory. The secret of the token only
 * goes to a server whose certificate was signed by the pinned authority for the fixed name. Throws LinkError.
 */
export const enrol = async (options: EnrolOptions): Promise<AgentIdentity> => {
  const server = parseServerUrl(options.server)
  if (server === undefined) {
    throw new LinkError('server_address_invalid', `"${options.server}" is no address: write https://HOST:PORT.`)
  }
  const text = typeof options.token === 'string' ? options.token : await options.token()
  const token = parseJoinToken(text)
  if (token === undefined) {
    throw new LinkError('token_malformed', 'This is not a join token: copy the whole command from the server.')
  }
  const address = addressOf(server)
  const authority = await fetchPinnedAuthority(address, token.authorityPin)
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const answer = await post(address, authority, {
    token: text.trim(),
    certificateRequest: certificateRequest(keys.privateKey),
    hostName: options.hostName,
    origin: options.origin,
  })
  const ours = new X509Certificate(answer.certificate).checkPrivateKey(keys.privateKey)
  if (!ours) throw new LinkError('answer_invalid', 'The server certified a key that is not of this host.')
  const identity: AgentIdentity = {
    ...answer,
    certificateAuthority: authority, // the pinned one, whatever the answer says
    server,
    privateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    enrolledAt: new Date(options.now()).toISOString(),
  }
  await beginEpochs(options.dataDirectory)
  await writeIdentity(options.dataDirectory, identity)
  return identity
}

/**
 * The identity in the data directory, or a new one. One that is enrolled is not enrolled again, except with `force`:
 * for a server that no longer knows the host. Throws LinkError.
 */
export const ensureEnrolled = async (options: EnrolOptions & { force?: boolean }): Promise<AgentIdentity> => {
  const identity = options.force === true ? undefined : await readIdentity(options.dataDirectory)
  return identity ?? (await enrol(options))
}

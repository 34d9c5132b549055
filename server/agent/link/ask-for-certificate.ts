import { once } from 'node:events'
import { request } from 'node:https'
import { type EnrolRequest, EnrolResponse, type RenewRequest } from '@rebootless/shared/contract/enrolment.ts'
import { Problem } from '@rebootless/shared/contract/problem.ts'
import { SERVER_NAME } from '@rebootless/shared/domain/agent-link.ts'
import { LinkError } from './link-error.ts'
import { unreachable } from './pinned-authority.ts'
import type { ServerAddress } from './server-address.ts'

const ANSWER_BYTES_MAX = 64 * 1024
const SILENCE_MS_MAX = 15_000

/**
 * Asks the server for a certificate, by enrolment or renewal; it must prove the fixed name under the authority, and the
 * host shows a certificate where it has one. Throws LinkError.
 */
export const askForCertificate = async (
  server: { address: ServerAddress; authority: string; own?: { key: string; cert: string } },
  path: string,
  body: EnrolRequest | RenewRequest,
  timeoutMs = SILENCE_MS_MAX,
): Promise<EnrolResponse> => {
  const { address } = server
  const text = JSON.stringify(body)
  const call = request({
    ...address,
    path,
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) },
    ca: server.authority,
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

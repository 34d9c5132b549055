import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { EnrolRequest } from '@rebootless/shared/contract/enrolment.ts'
import { CONNECT_PATH, ENROL_PATH } from '@rebootless/shared/domain/agent-link.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { CertificateAuthority } from './certificate-authority.ts'
import { enrolHost } from './enrol.ts'
import type { LinkLog } from './link-session.ts'
import type { EnrolmentStore } from './ports.ts'
import { problemText } from './problem-text.ts'

const ENROL_BODY_BYTES_MAX = 16 * 1024

const readBody = async (request: IncomingMessage): Promise<string> => {
  const tooLarge = () =>
    new DomainError('body_too_large', `An enrolment request holds at most ${ENROL_BODY_BYTES_MAX} bytes.`)
  if (Number(request.headers['content-length'] ?? 0) > ENROL_BODY_BYTES_MAX) throw tooLarge()
  const chunks: Buffer[] = []
  let bytes = 0
  // Left whole, so that the refusal still finds its way out.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length
    if (bytes > ENROL_BODY_BYTES_MAX) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

const parseEnrolRequest = (text: string): EnrolRequest => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new DomainError('body_invalid', 'The request body is not JSON.')
  }
  const parsed = EnrolRequest.safeParse(json)
  if (parsed.success) return parsed.data
  const where = parsed.error.issues[0]?.path.join('.') ?? ''
  throw new DomainError('body_invalid', `The request body does not follow the contract, at "${where}".`)
}

interface RouteContext {
  authority: CertificateAuthority
  store: EnrolmentStore
  log: LinkLog
  now: () => Date
}

const enrol = async (request: IncomingMessage, context: RouteContext) => {
  if (request.headers['content-type']?.split(';')[0]?.trim() !== 'application/json') {
    throw new DomainError('media_type_unsupported', 'Send application/json.')
  }
  const answer = await enrolHost(parseEnrolRequest(await readBody(request)), {
    authority: context.authority,
    store: context.store,
    now: context.now(),
    newHostId: randomUUID,
  })
  context.log.info({ hostId: answer.hostId }, 'host enrolled')
  return answer
}

/** All that the agents' port answers over plain requests; everything else there is a problem document. Never rejects. */
export const answerAgentRequest = async (
  request: IncomingMessage,
  response: ServerResponse,
  context: RouteContext,
): Promise<void> => {
  const requestId = randomUUID()
  response.setHeader('X-Request-Id', requestId)
  response.setHeader('Cache-Control', 'no-store')
  response.setHeader('Connection', 'close')
  try {
    const path = request.url?.split('?')[0]
    if (path === CONNECT_PATH) throw new DomainError('route_not_found', `${CONNECT_PATH} is a WebSocket.`)
    if (path !== ENROL_PATH) throw new DomainError('route_not_found', 'This port is for agents.')
    if (request.method !== 'POST') throw new DomainError('method_not_allowed', 'Use POST.')
    const answer = await enrol(request, context)
    response.writeHead(201, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer))
  } catch (error) {
    const { status, text } = problemText(error, requestId, context.log)
    response.writeHead(status, { 'Content-Type': 'application/problem+json' }).end(text)
  }
}

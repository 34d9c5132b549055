import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { EnrolRequest, RenewRequest } from '@rebootless/shared/contract/enrolment.ts'
import type { PublicKey } from '@rebootless/shared/contract/signed.ts'
import { AskRequest } from '@rebootless/shared/contract/waiting-room.ts'
import {
  AGENT_FILE_PATH,
  AGENT_SIGNATURE_PATH,
  ARTEFACTS_PATH,
  ASK_PATH,
  CONNECT_PATH,
  ENROL_PATH,
  RENEW_PATH,
} from '@rebootless/shared/domain/agent-link.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { z } from 'zod'
import type { AgentFile } from './agent-file.ts'
import { askForEntry } from './ask.ts'
import type { CertificateAuthorities } from './certificate-authorities.ts'
import type { AgentPeer } from './client-certificate.ts'
import { enrolHost } from './enrol.ts'
import type { LinkLog } from './link-session.ts'
import type { CommandLinks, EnrolmentStore } from './ports.ts'
import { problemText } from './problem-text.ts'
import { renewCertificate } from './renew.ts'

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

const readJson = async <T extends z.ZodType>(request: IncomingMessage, schema: T): Promise<z.infer<T>> => {
  if (request.headers['content-type']?.split(';')[0]?.trim() !== 'application/json') {
    throw new DomainError('media_type_unsupported', 'Send application/json.')
  }
  const text = await readBody(request)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new DomainError('body_invalid', 'The request body is not JSON.')
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const where = parsed.error.issues[0]?.path.join('.') ?? ''
  throw new DomainError('body_invalid', `The request body does not follow the contract, at "${where}".`)
}

interface RouteContext {
  authorities: CertificateAuthorities
  commandKey: PublicKey
  store: EnrolmentStore
  log: LinkLog
  now: () => Date
  /** What hosts install; undefined: it was not built. */
  agentFile: AgentFile | undefined
  commands: CommandLinks | undefined
  /** Who sends this, by the certificate of the connection; throws `certificate_refused`. */
  identify: (request: IncomingMessage) => Promise<AgentPeer>
}

const POSTED = [ASK_PATH, ENROL_PATH, RENEW_PATH]

const answerTo = async (
  path: string | undefined,
  request: IncomingMessage,
  context: RouteContext,
): Promise<{ status: number; body: object }> => {
  const { authorities, commandKey, store, log } = context
  if (path === CONNECT_PATH) throw new DomainError('route_not_found', `${CONNECT_PATH} is a WebSocket.`)
  if (path === undefined || !POSTED.includes(path)) {
    throw new DomainError('route_not_found', 'This port is for agents.')
  }
  if (request.method !== 'POST') throw new DomainError('method_not_allowed', 'Use POST.')
  const common = { authorities, commandKey, store, now: context.now() }
  const address = request.socket.remoteAddress ?? null
  if (path === RENEW_PATH) {
    const peer = await context.identify(request)
    const body = await renewCertificate(peer, await readJson(request, RenewRequest), common)
    log.info({ hostId: body.hostId }, 'certificate renewed')
    return { status: 201, body }
  }
  if (path === ASK_PATH) {
    const body = await askForEntry(await readJson(request, AskRequest), { ...common, address })
    if (!('hostId' in body)) return { status: 202, body }
    log.info({ hostId: body.hostId }, 'host let in')
    return { status: 201, body }
  }
  const wanted = await readJson(request, EnrolRequest)
  const body = await enrolHost(wanted, { ...common, address, newHostId: randomUUID })
  log.info({ hostId: body.hostId }, 'host enrolled')
  return { status: 201, body }
}

/** One answer for a module that is not there and one that is not for this host. */
const artefactNotFound = () => new DomainError('artefact_not_found', 'No command of this host names such a module.')

const sendArtefact = async (
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  context: RouteContext,
): Promise<void> => {
  const { hostId } = await context.identify(request)
  const sha256 = path.slice(ARTEFACTS_PATH.length)
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw artefactNotFound()
  const artefact = await context.commands?.artefact(hostId, sha256)
  if (artefact === undefined) throw artefactNotFound()
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': artefact.size })
  // Cut short, the host sees that by the length and by the hash.
  await pipeline(artefact.stream, response).catch((error: unknown) => {
    context.log.warn({ hostId, err: error }, 'a module was not sent to its end')
  })
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
  const path = request.url?.split('?')[0]
  const { agentFile } = context
  if (path === AGENT_FILE_PATH && request.method === 'GET' && agentFile !== undefined) {
    response
      .writeHead(200, { 'Content-Type': 'text/javascript', 'Content-Length': agentFile.bytes })
      .end(agentFile.content)
    return
  }
  if (path === AGENT_SIGNATURE_PATH && request.method === 'GET' && agentFile?.signature !== undefined) {
    response.writeHead(200, { 'Content-Type': 'text/plain' }).end(agentFile.signature)
    return
  }
  try {
    if (path?.startsWith(ARTEFACTS_PATH) && request.method === 'GET') {
      return await sendArtefact(path, request, response, context)
    }
    const { status, body } = await answerTo(path, request, context)
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  } catch (error) {
    const { status, text } = problemText(error, requestId, context.log)
    response.writeHead(status, { 'Content-Type': 'application/problem+json' }).end(text)
  }
}

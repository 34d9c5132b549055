import { constants, randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { FRAME_BYTES_MAX, HEARTBEAT_INTERVAL_MS } from '@rebootless/shared/contract/agent-message.ts'
import { CONNECT_PATH, HOST_MESSAGES, LINK_QUEUE_MAX, MOVE_INTERVAL_MS } from '@rebootless/shared/domain/agent-link.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { WebSocketServer } from 'ws'
import type { AgentFile } from './agent-file.ts'
import { answerAgentRequest } from './agent-routes.ts'
import type { CertificateAuthorities } from './certificate-authorities.ts'
import { type AgentPeer, identifyAgent } from './client-certificate.ts'
import type { CommandKey } from './command-key.ts'
import { type AdmissionLimits, limitHandshakes } from './handshake-admission.ts'
import { createHostBudgets } from './host-budgets.ts'
import { limitConcurrency } from './limit-concurrency.ts'
import { createLinkRegistry } from './link-registry.ts'
import { type LinkLog, type LinkSettings, openLinkSession } from './link-session.ts'
import { listenForAgents } from './listen-for-agents.ts'
import type { AuditWitness, CommandLinks, EnrolmentStore, Ingest, TaskLookLinks } from './ports.ts'
import { problemText } from './problem-text.ts'

export interface AgentServerSettings extends LinkSettings, AdmissionLimits {
  readonly handshakeTimeoutMs: number
  readonly certificateRecheckMs: number
  readonly serverCertificateRenewMs: number
  /** How often open links are given the newest head of the audit log. */
  readonly auditHeadMs: number
}

export const AGENT_SERVER_SETTINGS: AgentServerSettings = {
  heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS,
  pingIntervalMs: 10_000,
  closeGraceMs: 1000,
  messages: HOST_MESSAGES,
  bytes: { burst: 4 * FRAME_BYTES_MAX, perSecond: FRAME_BYTES_MAX / 2 },
  floodHoldMs: 30_000,
  changes: { burst: 10, perSecond: 3 },
  links: { burst: 10, perSecond: 0.2 },
  queueMax: LINK_QUEUE_MAX,
  moveAfterMs: MOVE_INTERVAL_MS,
  unsentBytesMax: 256 * 1024,
  handshakesMax: 64,
  waitingMax: 16_384,
  handshakeTimeoutMs: 10_000,
  certificateRecheckMs: 15_000,
  serverCertificateRenewMs: 24 * 60 * 60_000,
  auditHeadMs: 60 * 60_000,
}

/**
 * Connections that agents may take of the pool's 16 before their links stand; with the two of ingest.ts half of them, so
 * that pages never wait behind agents. As many may wait as may wait for a handshake.
 */
const ASKING_MAX = 6

export interface AgentServerOptions {
  /** `AGENT_HOST` and `AGENT_PORT`; 0 takes a free port. */
  readonly host: string
  readonly port: number
  readonly authorities: CertificateAuthorities
  /** What hosts install; undefined: it was not built. */
  readonly agentFile?: AgentFile | undefined
  readonly commandKey: CommandKey
  readonly store: EnrolmentStore
  readonly ingest: Ingest
  /** Left out: no commands are sent. */
  readonly commands?: CommandLinks
  /** Left out: hosts are not asked for tasks. */
  readonly taskLooks?: TaskLookLinks
  /** Left out: hosts are told of no audit log. */
  readonly auditWitness?: AuditWitness
  readonly log: LinkLog
  readonly now?: () => Date
  readonly settings?: Partial<AgentServerSettings>
}

export interface AgentServer {
  readonly port: number
  /** Open links. */
  linkCount(): number
  /** Asks so many agents to go to another server; fewer where few understand it. @returns how many */
  askToGo(count: number, random: () => number): number
  /** Looks anew at authorities and at the certificates of open links: some have ended. */
  certificatesChanged(): Promise<void>
  /** Stops listening, tells every agent to come back later, and waits until the store knows of it. */
  close(): Promise<void>
}

/**
 * The agents' side of the backend: enrolment, and a WebSocket over mutual TLS for each host. TLS 1.3 only, and no
 * session is ever resumed, so each connection proves its key anew (T16). Rejects with a
 * SettingsError when the address cannot be had.
 */
export const startAgentServer = async (options: AgentServerOptions): Promise<AgentServer> => {
  const { authorities, ingest, log } = options
  const settings = { ...AGENT_SERVER_SETTINGS, ...options.settings }
  const store = inTurn(options.store, limitConcurrency(ASKING_MAX, settings.waitingMax))
  const now = options.now ?? (() => new Date())
  const authoritiesPem = () => authorities.trusted().map(({ certificatePem }) => certificatePem)
  const tlsContext = async () => {
    const shown = authorities.shown()
    const own = await shown.issueServerCertificate(now())
    return {
      key: own.privateKeyPem,
      // The authority goes along, so that an enrolling host can hold it against the pin of its token.
      cert: `${own.certificatePem}\n${shown.certificatePem}`,
      ca: authoritiesPem(),
      minVersion: 'TLSv1.3',
      // A ticket would let a session be resumed without a new proof of the key.
      secureOptions: constants.SSL_OP_NO_TICKET,
    } as const
  }

  const server = createServer({
    ...(await tlsContext()),
    requestCert: true,
    rejectUnauthorized: false, // enrolment has no certificate yet; identifyAgent judges those that need one
    handshakeTimeout: settings.handshakeTimeoutMs,
    requestTimeout: 15_000,
    headersTimeout: 10_000,
    keepAliveTimeout: 1000,
    connectionsCheckingInterval: 2000, // or Node would look for those that are over every 30 s
    maxHeaderSize: 8192,
  })
  const admission = limitHandshakes(server, settings, settings.handshakeTimeoutMs)
  const registry = createLinkRegistry({ store, now })
  const budgets = createHostBudgets(settings)
  const monotonicMs = () => performance.now()
  const sockets = new WebSocketServer({ noServer: true, maxPayload: FRAME_BYTES_MAX, perMessageDeflate: false })

  const identify = ({ socket }: IncomingMessage): Promise<AgentPeer> => {
    if (!(socket instanceof TLSSocket)) throw new DomainError('certificate_refused', 'Agents connect by TLS.')
    const connection = {
      certificate: socket.getPeerX509Certificate(),
      chainVerified: socket.authorized && !socket.isSessionReused(),
      authorities: authorities.trusted().map(({ certificate: own }) => own),
    }
    return identifyAgent(connection, store, now())
  }

  const upgrade = async (request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> => {
    if (request.url?.split('?')[0] !== CONNECT_PATH) {
      throw new DomainError('route_not_found', `Agents connect at ${CONNECT_PATH}.`)
    }
    // Only browsers send it, and no browser has any business here.
    if (request.headers.origin !== undefined) {
      throw new DomainError('origin_refused', 'Web pages cannot connect here: this address is for agents.')
    }
    const peer = await identify(request)
    const budget = budgets.of(peer.hostId, monotonicMs())
    if (!budget.takeLink(monotonicMs())) {
      admission.slowDown(request.socket.remoteAddress ?? '')
      throw new DomainError(
        'too_many_requests',
        'This host has sent more than it may: it is let in again in half a minute.',
      )
    }
    if (peer.supersedes) await store.certificateUsed(peer.fingerprint, now())
    if (stream.destroyed) return
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const { machineSeen } = store
      const { commands, taskLooks, auditWitness } = options
      const answering = { ingest, commands, taskLooks, auditWitness, machineSeen, authoritiesPem, budget }
      registry.add(openLinkSession(socket, peer, { ...answering, now, monotonicMs, log, settings }))
    })
  }

  const { agentFile, commands } = options
  const commandKey = options.commandKey.publicKey
  const routes = { authorities, agentFile, commandKey, commands, store, log, now, identify }
  server.on('request', (request, response) => void answerAgentRequest(request, response, routes))
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    const abandon = () => stream.destroy()
    stream.on('error', abandon)
    upgrade(request, stream, head).catch((error: unknown) => {
      const { status, text } = problemText(error, randomUUID(), log)
      stream.end(
        `HTTP/1.1 ${status} Refused\r\nContent-Type: application/problem+json\r\nConnection: close\r\n` +
          `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
      )
      setTimeout(abandon, settings.closeGraceMs).unref()
    })
  })
  server.on('tlsClientError', (_error, socket) => socket.destroy())

  const port = await listenForAgents(server, options)

  const showAnew = (): Promise<void> =>
    tlsContext().then(
      (context) => server.setSecureContext(context),
      (error: unknown) => log.warn({ err: error }, 'the server certificate could not be renewed'),
    )
  let told = authoritiesPem().join()
  const certificatesChanged = async (): Promise<void> => {
    await authorities.reload().catch((error: unknown) => {
      log.warn({ err: error }, 'the certificate authorities could not be read again')
    })
    if (told !== authoritiesPem().join()) {
      told = authoritiesPem().join()
      await showAnew()
      registry.tellAuthorities()
    }
    await registry.recheckCertificates()
  }
  const timers = [
    setInterval(() => void certificatesChanged(), settings.certificateRecheckMs),
    setInterval(() => registry.tellAuditHead(), settings.auditHeadMs),
    setInterval(() => void showAnew(), settings.serverCertificateRenewMs),
  ]

  return {
    port,
    linkCount: () => registry.size,
    askToGo: registry.askToGo,
    certificatesChanged,
    async close() {
      for (const timer of timers) clearInterval(timer)
      const stopped = new Promise<void>((resolve) => server.close(() => resolve()))
      await registry.closeAll()
      server.closeAllConnections()
      await stopped
    },
  }
}

/** The store, asked by so many at a time. */
const inTurn = (store: EnrolmentStore, limited: ReturnType<typeof limitConcurrency>): EnrolmentStore => ({
  addToken: (token) => limited(() => store.addToken(token)),
  tokenIsGood: (tokenHash, now) => limited(() => store.tokenIsGood(tokenHash, now)),
  enrol: (request) => limited(() => store.enrol(request)),
  enrolmentRefused: (refusal) => limited(() => store.enrolmentRefused(refusal)),
  ask: (asking) => limited(() => store.ask(asking)),
  certifiedHost: (fingerprint) => limited(() => store.certifiedHost(fingerprint)),
  hostsOfCertificates: (fingerprints) => limited(() => store.hostsOfCertificates(fingerprints)),
  addCertificate: (request) => limited(() => store.addCertificate(request)),
  certificateUsed: (fingerprint, now) => limited(() => store.certificateUsed(fingerprint, now)),
  machineSeen: (seen) => limited(() => store.machineSeen(seen)),
})

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { SERVER_NAME } from '@rebootless/shared/domain/agent-link.ts'
import { type ClientOptions, WebSocket } from 'ws'
import { type AgentServerOptions, type AgentServerSettings, startAgentServer } from './agent-server.ts'
import { openCertificateAuthorities } from './certificate-authorities.ts'
import { openCommandKey } from './command-key.ts'
import { createJoinToken } from './join-token.ts'
import { createMemoryStore } from './memory-store.ts'

export const sampleSnapshot = (change: Partial<Snapshot> = {}): Snapshot => ({
  takenAt: '2026-11-25T00:00:00.000Z',
  hostName: 'host-a',
  kernel: {
    release: '6.12.117',
    version: null,
    architecture: 'x86_64',
    bootId: 'b1',
    bootedAt: null,
    livepatchConfigured: true,
    reliableStackTraces: true,
    lockdown: null,
    moduleSignatureEnforced: null,
    modulesDisabled: null,
    ftraceEnabled: null,
    taints: null,
  },
  operatingSystem: { id: null, name: null, versionId: null },
  distribution: null,
  providers: [],
  livepatches: [],
  livepatchModules: [],
  enabledFunctions: null,
  memory: [],
  kernelEvents: null,
  transition: null,
  unreadable: [],
  raw: [],
  ...change,
})

export const eventually = async (what: string, holds: () => boolean | Promise<boolean>, milliseconds = 8000) => {
  const end = performance.now() + milliseconds
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`never came about: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** A whole agents' port on loopback over an in-memory store, in a temporary folder. */
export const createLinkBench = async (
  settings: Partial<AgentServerSettings> = {},
  more: Pick<AgentServerOptions, 'agentFile' | 'auditWitness' | 'commands' | 'taskLooks'> = {},
) => {
  // One host opens the links of many cases.
  const ofBench = { links: { burst: 100, perSecond: 10 }, changes: { burst: 30, perSecond: 3 }, ...settings }
  const folder = await mkdtemp(join(tmpdir(), 'rebootless-link-'))
  const authorities = await openCertificateAuthorities(folder, new Date())
  const authority = authorities.shown()
  const commandKey = await openCommandKey(folder)
  const memory = createMemoryStore()
  const warnings: string[] = []
  const log = { info: () => {}, warn: (_fields: object, text: string) => void warnings.push(text) }
  const start = (port = 0) =>
    startAgentServer({
      ...{ host: '127.0.0.1', port, authorities, commandKey, log, settings: ofBench },
      ...{ store: memory.store, ingest: memory.ingest, ...more },
    })
  let server = await start()

  const token = async (expiresAt = new Date(Date.now() + 3_600_000)): Promise<string> => {
    const made = createJoinToken({ caFingerprint: authorities.shown().fingerprint, random: randomBytes })
    await memory.store.addToken({ hash: made.hash, labels: {}, expiresAt, createdBy: 'admin' })
    return made.token
  }

  /** A host that the store knows, with key and certificate, and no agent behind them. */
  const enrolledHost = async (days = 7) => {
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const hostId = crypto.randomUUID()
    const certificate = await authority.issueAgentCertificate({
      hostId,
      publicKey: keys.publicKey.export({ type: 'spki', format: 'der' }),
      now: new Date(),
      days,
    })
    const secret = randomBytes(32).toString('hex')
    await memory.store.addToken({
      hash: secret,
      labels: {},
      expiresAt: new Date(Date.now() + 1000),
      createdBy: 'admin',
    })
    await memory.store.enrol({
      tokenHash: secret,
      host: { id: hostId, name: 'host-a' },
      certificate,
      now: new Date(),
    })
    return {
      hostId,
      key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      cert: certificate.certificatePem,
    }
  }

  /** A bare WebSocket to the port, with whatever certificate and headers. */
  const open = (options: ClientOptions, path = '/agent/v1/connect') => {
    const all: ClientOptions & { servername: string } = {
      ca: authority.certificatePem,
      servername: SERVER_NAME,
      perMessageDeflate: false,
      ...options,
    }
    const socket = new WebSocket(`wss://127.0.0.1:${server.port}${path}`, all)
    const received: Record<string, unknown>[] = []
    socket.on('message', (data) => received.push(JSON.parse(String(data))))
    socket.on('error', () => {})
    return {
      socket,
      received,
      opened: new Promise<boolean>((resolve) => {
        socket.once('open', () => resolve(true))
        socket.once('close', () => resolve(false))
        socket.once('unexpected-response', () => resolve(false))
      }),
      closed: new Promise<number>((resolve) => socket.once('close', (code) => resolve(code))),
      /** Status and problem of an upgrade that was refused. */
      refused: new Promise<{ status: number | undefined; body: string }>((resolve) => {
        socket.once('unexpected-response', async (_request, response) => {
          let body = ''
          for await (const chunk of response) body += chunk
          resolve({ status: response.statusCode, body })
        })
      }),
    }
  }

  return {
    folder,
    authorities,
    authority,
    commandKey,
    memory,
    warnings,
    token,
    enrolledHost,
    open,
    get server() {
      return server
    },
    get url() {
      return `https://127.0.0.1:${server.port}`
    },
    stop: () => server.close(),
    async restart(port: number) {
      server = await start(port)
    },
    async end() {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
export type LinkBench = Awaited<ReturnType<typeof createLinkBench>>

/** The first message of a link, as an agent would send it. */
export const helloMessage = (sequence = 1, change: object = {}) => ({
  type: 'hello',
  epoch: 1,
  sequence,
  sentAt: new Date().toISOString(),
  protocol: 1,
  agentVersion: '0.1.0',
  hostName: 'host-a',
  hostClass: 'observe',
  origin: 'agent',
  bootId: null,
  ...change,
})

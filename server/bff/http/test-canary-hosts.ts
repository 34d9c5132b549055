import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { createSystemClock } from '../../agent/kernel/system-clock.ts'
import { enrolByAsking, parseAuthorityFingerprint } from '../../agent/link/ask-to-be-let-in.ts'
import { ensureEnrolled } from '../../agent/link/enrol.ts'
import { renewIdentity } from '../../agent/link/renew.ts'
import { type AgentServer, startAgentServer } from '../link/agent-server.ts'
import { openCertificateAuthorities } from '../link/certificate-authorities.ts'
import type { TestBackend } from '../test-backend.ts'
import { type Canary, lineOf } from './test-canary.ts'

/** The agents' port, whose log is the program's own. */
export const openHostsPort = async ({ keep }: Canary, log: Logger) => {
  const folder = await mkdtemp(join(tmpdir(), 'rebootless-canary-'))
  const authorities = await openCertificateAuthorities(folder, new Date())
  keep('the authority’s key', lineOf(await readFile(join(folder, 'certificate-authority.pem'), 'utf8')))
  return {
    authorities,
    async listen(backend: TestBackend): Promise<AgentServer> {
      keep('the server’s key', lineOf(await readFile(join(backend.dataFolder, 'command-key.pem'), 'utf8')))
      const { commandKey, enrolmentStore: store, ingest, commands, auditWitness } = backend
      const parts = { authorities, commandKey, store, ingest, commands, auditWitness, log }
      return startAgentServer({ host: '127.0.0.1', port: 0, ...parts })
    },
    remove: () => rm(folder, { recursive: true }),
  }
}

/** Hosts come in by a token and by being let in, are refused, and get new certificates. */
export const runHosts = async (
  { keep }: Canary,
  backend: TestBackend,
  { admin, server }: { admin: string; server: string },
): Promise<void> => {
  const data = await mkdtemp(join(tmpdir(), 'rebootless-canary-agent-'))
  const system = createSystemClock()
  const call = (method: string, path: string, body?: object) =>
    backend.call(method, path, { cookie: admin, ...(body === undefined ? {} : { body }) })
  const newToken = async () => (await call('POST', '/api/v1/enrolment-tokens', {})).json<{ token: string }>().token
  const secretOf = (token: string) => token.split('.')[1]

  keep('an unused join token', secretOf(await newToken()))
  const token = await newToken()
  const secret = keep('a used join token', secretOf(token)) ?? ''
  const newcomer = { server, dataDirectory: join(data, 'one'), hostName: 'canary-enrolled', now: system.now }
  const identity = await ensureEnrolled({ ...newcomer, token, origin: 'agent' })
  keep('a host’s key', lineOf(identity.privateKey))
  keep('a host’s renewed key', lineOf((await renewIdentity(newcomer.dataDirectory, identity)).privateKey))
  const madeUp = keep('a made-up join token', `A${secret.slice(1, -1)}A`)
  const again = { ...newcomer, dataDirectory: join(data, 'two'), origin: 'agent' as const }
  for (const wrong of [token, token.replace(secret, madeUp)]) {
    const refused = await ensureEnrolled({ ...again, token: wrong }).catch((error: unknown) => error)
    if (!(refused instanceof Error)) throw new Error('a wrong token was taken')
  }

  const { authorityFingerprint } = (await call('GET', '/api/v1/enrolment')).json<{ authorityFingerprint: string }>()
  const waiting = async () =>
    (await call('GET', '/api/v1/waiting-room')).json<{ items: { id: string; name: string }[] }>().items
  const stop = new AbortController()
  const entering = enrolByAsking({
    ...{ server, authorityPin: parseAuthorityFingerprint(authorityFingerprint) ?? '', signal: stop.signal },
    ...{ dataDirectory: join(data, 'three'), hostName: 'canary-waits' },
    clock: { ...system, sleep: (ms: number, signal?: AbortSignal) => system.sleep(ms / 20, signal) },
    onWaiting(fingerprint) {
      void (async () => {
        const host = (await waiting()).find(({ name }) => name === 'canary-waits')
        const body = { fingerprintEnd: fingerprint.slice(-9), labels: {} }
        await call('POST', `/api/v1/waiting-room/${host?.id}/approve`, body)
      })()
    },
  })
  keep('the key of a host that waited', lineOf((await entering).privateKey))
  await rm(data, { recursive: true })
}

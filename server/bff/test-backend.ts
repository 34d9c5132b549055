import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { DryRunSimulator } from '@rebootless/shared/domain/rollouts/dry-run/dry-run-work.ts'
import pino, { type Logger } from 'pino'
import { createDryRunSimulator } from '../start/dry-run-simulator.ts'
import { createBackend } from './backend.ts'
import type { Backend } from './backend-ports.ts'
import type { Clock } from './clock.ts'
import type { TestDatabase } from './database/test-database.ts'
import { createJudgeHere } from './exposure/judge-apart.ts'
import { type CertificateAuthorities, openCertificateAuthorities } from './link/certificate-authorities.ts'
import { type CommandKey, openCommandKey } from './link/command-key.ts'
import { createJoinToken } from './link/join-token.ts'
import { type BackendSettings, readSettings } from './settings.ts'

/** Whole passwords and names appear in tests only as these. */
export const ADMIN_PASSWORD = 'correct horse battery staple'

/** The same for all, as backends on one database need it; no file of it stands in the checkout. */
const SECRETS_KEY = Buffer.alloc(32, 7).toString('base64')

export interface TestBackend extends Backend {
  /** Where its keys lie, unless the settings name another. */
  readonly dataFolder: string
  readonly url: string
  readonly port: number
  readonly clock: Clock & { advance(milliseconds: number): void }
  readonly commandKey: CommandKey
  call(method: string, path: string, init?: TestCall): Promise<TestAnswer>
  /** Signs the first user in; his cookie. */
  signIn(): Promise<string>
}

export interface TestCall {
  readonly cookie?: string
  readonly body?: unknown
  /** Instead of the headers that our own pages send; null leaves one out. */
  readonly headers?: Readonly<Record<string, string | null>>
  /** Sent as it is, instead of `body`. */
  readonly text?: string
  /** The same as bytes, of a file. */
  readonly bytes?: Buffer
}

export interface TestAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  json<T = Record<string, unknown>>(): T
}

/** Sends what a test says, to the letter: fetch would set Host, Origin and Sec-Fetch-Site by itself. */
const send = (port: number, method: string, target: string, init: TestCall = {}): Promise<TestAnswer> =>
  new Promise((resolve, reject) => {
    const body = init.bytes ?? init.text ?? (init.body === undefined ? undefined : JSON.stringify(init.body))
    const own: Record<string, string | null> = {
      host: `127.0.0.1:${port}`,
      ...(method === 'GET' ? {} : { origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin' }),
      // Node frames the body of a DELETE only when told how long it is.
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
      ...(init.cookie === undefined ? {} : { cookie: init.cookie }),
      ...init.headers,
    }
    const headers = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== null)) as Record<
      string,
      string
    >
    const outgoing = httpRequest({ host: '127.0.0.1', port, method, path: target, headers, agent: false }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('error', reject)
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8')
        const { statusCode: status = 0, headers } = answer
        resolve({ status, headers, text, json: <T>() => JSON.parse(text) as T })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })

export const cookieOf = (answer: TestAnswer): string => {
  const [cookie = ''] = answer.headers['set-cookie'] ?? []
  return cookie.split(';')[0] ?? ''
}

export interface TestBackendOptions {
  readonly settings?: Partial<BackendSettings>
  readonly log?: Logger
  readonly webFolder?: string
  readonly fault?: () => Promise<string | undefined>
  /** Given: join tokens are real ones, which agents may use. */
  readonly authorities?: CertificateAuthorities
  /** Left out: one of its own. */
  readonly commandKey?: CommandKey
  /** Instead of the one that the program has. */
  readonly dryRunSimulator?: DryRunSimulator
  readonly spanProcessor?: SpanProcessor
  /** Left out: nothing is known of vulnerabilities. */
  readonly shippedFacts?: string
}

/** A whole backend on a free port of loopback, with a clock that a test can move. */
export const startTestBackend = async (
  database: TestDatabase,
  options: TestBackendOptions = {},
): Promise<TestBackend> => {
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'rebootless-data-'))
  const settings = {
    ...readSettings({ PORT: '0', REBOOTLESS_DATA: dataFolder, REBOOTLESS_SECRETS_KEY: SECRETS_KEY }),
    adminPassword: ADMIN_PASSWORD,
    ...options.settings,
  }
  let ahead = 0
  const clock = {
    now: () => new Date(Date.now() + ahead),
    advance: (milliseconds: number) => {
      ahead += milliseconds
    },
  }
  const commandKey = options.commandKey ?? (await openCommandKey(dataFolder))
  const webFolder = options.webFolder ?? mkdtempSync(path.join(tmpdir(), 'rebootless-web-'))
  let tokens = 0
  const backend = await createBackend({
    settings,
    database: { ...database, lent: database.connection, fault: options.fault ?? (async () => undefined) },
    log: options.log ?? pino({ level: 'silent' }),
    clock,
    shippedFacts: options.shippedFacts,
    spanProcessor: options.spanProcessor,
    webFolder,
    commandKey,
    dryRunSimulator: options.dryRunSimulator ?? createDryRunSimulator(),
    exposureJudge: createJudgeHere(database.kysely, clock),
    ingestsHere: true,
    authorities: options.authorities ?? (await openCertificateAuthorities(dataFolder, new Date())),
    createJoinToken: () => {
      if (options.authorities !== undefined) {
        return createJoinToken({ caFingerprint: options.authorities.shown().fingerprint, random: randomBytes })
      }
      tokens += 1
      return { token: `test-token-${tokens}`, hash: `test-hash-${tokens}` }
    },
  })
  const { url, port } = await backend.listen().catch(async (error: unknown) => {
    await backend.close()
    throw error
  })
  const call: TestBackend['call'] = (method, target, init) => send(port, method, target, init)
  return {
    ...backend,
    dataFolder,
    url,
    port,
    clock,
    commandKey,
    call,
    async signIn() {
      const body = { username: 'admin', password: ADMIN_PASSWORD }
      return cookieOf(await call('POST', '/api/v1/session', { body }))
    },
    async close() {
      await backend.close()
      rmSync(dataFolder, { recursive: true, force: true })
      if (options.webFolder === undefined) rmSync(webFolder, { recursive: true, force: true })
    },
  }
}

import { X509Certificate } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import type { Logger } from 'pino'
import { ensureEnrolled } from '../agent/link/enrol.ts'
import { readIdentity } from '../agent/link/identity.ts'
import type { EnrolmentStore } from '../bff/link/ports.ts'
import { type KeptProcess, keepRunning } from './keep-running.ts'

export interface OwnAgentsOptions {
  /** `https://127.0.0.1:8443`. */
  readonly server: string
  readonly dataDirectory: string
  readonly store: EnrolmentStore
  readonly issueToken: () => Promise<string>
  readonly log: Logger
  /** Folder of the built programs, server/dist. */
  readonly programs: string
  readonly captures: string
  /** How many recorded kernels to replay; 0: none. */
  readonly recordedHosts: number
}

/** A certificate ends within days; one that would end during a day's run is renewed by enrolling before it starts. */
const CERTIFICATE_LEFT_MS = 24 * 60 * 60_000

/** Starts this machine's own agent, and the recorded kernels beside it. Each is a process of its own, kept running. */
export async function startOwnAgents(options: OwnAgentsOptions): Promise<{ stop(): Promise<void> }> {
  const kept = [await startLocalAgent(options)]
  if (options.recordedHosts > 0) kept.push(startRecordedFleet(options))
  return {
    async stop() {
      await Promise.all(kept.map((one) => one.stop()))
    },
  }
}

async function startLocalAgent(options: OwnAgentsOptions): Promise<KeptProcess> {
  const dataDirectory = path.join(options.dataDirectory, 'local-agent')
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 })
  await ensureEnrolled({
    server: options.server,
    token: options.issueToken,
    dataDirectory,
    hostName: hostname().slice(0, 255),
    origin: 'agent',
    now: Date.now,
    force: !(await isKnown(dataDirectory, options)),
  })
  return keepRunning({
    program: path.join(options.programs, 'agent.mjs'),
    args: ['run', '--config', path.join(dataDirectory, 'agent.json'), '--data', dataDirectory],
    onExit: (what) => options.log.warn(what, "this machine's agent ended; starting it again"),
  })
}

/** Whether the store still knows the identity: a new database, or another port, makes a new host of this machine. */
async function isKnown(dataDirectory: string, { store, server }: OwnAgentsOptions): Promise<boolean> {
  const identity = await readIdentity(dataDirectory).catch(() => undefined)
  if (identity === undefined || identity.server !== server) return false
  if (Date.parse(identity.expiresAt) - Date.now() < CERTIFICATE_LEFT_MS) return false
  const fingerprint = new X509Certificate(identity.certificate).fingerprint256.replaceAll(':', '').toLowerCase()
  return (await store.hostOfCertificate(fingerprint)) !== undefined
}

function startRecordedFleet(options: OwnAgentsOptions): KeptProcess {
  return keepRunning({
    program: path.join(options.programs, 'recorded-fleet.mjs'),
    args: [
      options.server,
      path.join(options.dataDirectory, 'recorded'),
      options.captures,
      String(options.recordedHosts),
    ],
    onMessage: (_wanted, answer) => {
      options.issueToken().then(
        (token) => answer({ token }),
        (error: unknown) => options.log.error({ err: error }, 'no token for a recorded host'),
      )
    },
    onExit: (what) => options.log.warn(what, 'the recorded kernels ended; starting them again'),
  })
}

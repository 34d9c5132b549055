import { mkdir, readdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import type { HostOrigin } from '@rebootless/shared/domain/words.ts'
import type { Logger } from 'pino'
import { ensureEnrolled } from '../agent/link/enrol.ts'
import type { CertificateAuthority } from '../bff/link/certificate-authority.ts'
import type { EnrolmentStore } from '../bff/link/ports.ts'
import { type KeptProcess, keepRunning } from './keep-running.ts'
import { keepIdentity } from './own-identities.ts'

export interface OwnAgentsOptions {
  /** `https://127.0.0.1:8443`. */
  readonly server: string
  readonly dataDirectory: string
  readonly store: EnrolmentStore
  readonly authority: CertificateAuthority
  readonly issueToken: (origin: HostOrigin) => Promise<string>
  readonly log: Logger
  /** Folder of the built programs, server/dist. */
  readonly programs: string
  readonly captures: string
  /** How many recorded kernels to replay; 0: none. */
  readonly recordedHosts: number
}

/** Starts this machine's own agent, and the recorded kernels beside it. Each is a process of its own, kept running. */
export async function startOwnAgents(options: OwnAgentsOptions): Promise<{ stop(): Promise<void> }> {
  const kept: KeptProcess[] = []
  try {
    kept.push(await startLocalAgent(options))
  } catch (error) {
    // The pages are worth having without this machine on them.
    options.log.error({ err: error }, "this machine's own agent could not be enrolled, so it is not shown")
  }
  if (options.recordedHosts > 0) kept.push(await startRecordedFleet(options))
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
    token: () => options.issueToken('agent'),
    dataDirectory,
    hostName: hostname().slice(0, 255),
    origin: 'agent',
    now: Date.now,
    force: !(await keepIdentity({ ...options, dataDirectory, now: new Date() })),
  })
  return keepRunning({
    program: path.join(options.programs, 'agent.mjs'),
    args: ['run', '--config', path.join(dataDirectory, 'agent.json'), '--data', dataDirectory],
    onExit: (what) => options.log.warn(what, "this machine's agent ended; starting it again"),
  })
}

async function startRecordedFleet(options: OwnAgentsOptions): Promise<KeptProcess> {
  const folder = path.join(options.dataDirectory, 'recorded')
  for (const host of await readdir(folder).catch(() => [])) {
    await keepIdentity({ ...options, dataDirectory: path.join(folder, host), now: new Date() })
  }
  return keepRunning({
    program: path.join(options.programs, 'recorded-fleet.mjs'),
    args: [options.server, folder, options.captures, String(options.recordedHosts)],
    onMessage: (_wanted, answer) => {
      options.issueToken('recorded').then(
        (token) => answer({ token }),
        (error: unknown) => answer({ error: error instanceof Error ? error.message : String(error) }),
      )
    },
    onExit: (what) => options.log.warn(what, 'the recorded kernels ended; starting them again'),
  })
}

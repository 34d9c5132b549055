import { mkdir, readdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { Labels } from '@rebootless/shared/contract/labels.ts'
import type { PublicKey } from '@rebootless/shared/contract/signed.ts'
import type { HostOrigin } from '@rebootless/shared/domain/words.ts'
import type { Logger } from 'pino'
import * as z from 'zod'
import { ensureEnrolled } from '../agent/link/enrol.ts'
import type { CertificateAuthorities } from '../bff/link/certificate-authorities.ts'
import type { EnrolmentStore } from '../bff/link/ports.ts'
import { type KeptProcess, keepRunning } from './keep-running.ts'
import { keepIdentity } from './own-identities.ts'

export interface OwnAgentsOptions {
  /** `https://127.0.0.1:8443`. */
  readonly server: string
  readonly dataDirectory: string
  readonly store: EnrolmentStore
  readonly authorities: CertificateAuthorities
  readonly commandKey: PublicKey
  readonly issueToken: (origin: HostOrigin, labels?: Labels) => Promise<string>
  readonly log: Logger
  /** Folder of the built programs, server/dist. */
  readonly programs: string
  readonly captures: string
  /** How many recorded kernels to replay; 0: none. */
  readonly recordedHosts: number
  /** How many simulated ones; 0: none. */
  readonly simulatedHosts: number
  readonly simulationSeed: number
  readonly simulatedIncidents: boolean
}

/** One process can't use more than one core; beyond so many hosts there are several. */
const SIMULATED_HOSTS_PER_PROCESS = 2_500
/**
 * MB of a young generation's half. With Node's 16, what thousands of hosts have under way is copied from half to half
 * again and again: it was a fifth of all that a fleet costs.
 */
const YOUNG_MB = 32
/** Identities looked at in one go. */
const IDENTITIES_AT_ONCE = 16

/** Starts this machine's own agent, and recorded and simulated kernels beside it. Each kind is a process of its own, kept running. */
export async function startOwnAgents(options: OwnAgentsOptions): Promise<{ stop(): Promise<void> }> {
  const kept: KeptProcess[] = []
  try {
    kept.push(await startLocalAgent(options))
  } catch (error) {
    // The pages are worth having without this machine on them.
    options.log.error({ err: error }, "this machine's own agent could not be enrolled, so it is not shown")
  }
  if (options.recordedHosts > 0) kept.push(await startRecordedFleet(options))
  kept.push(...(await startSimulatedFleet(options)))
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
  await keepIdentities(options, folder)
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

const TokenRequest = z.object({ wanted: z.literal('token'), id: z.int(), labels: Labels })

async function startSimulatedFleet(options: OwnAgentsOptions): Promise<KeptProcess[]> {
  const { server, simulatedHosts: hosts, simulationSeed: seed, simulatedIncidents } = options
  if (hosts === 0) return []
  // Another seed gives other hosts, which must not go by the names of these.
  const folder = path.join(options.dataDirectory, 'simulated', String(seed))
  await keepIdentities(options, folder)
  const processes = Math.ceil(hosts / SIMULATED_HOSTS_PER_PROCESS)
  const bound = (index: number) => Math.round((index * hosts) / processes)
  return Array.from({ length: processes }, (_, index) =>
    keepRunning({
      program: path.join(options.programs, 'simulated-fleet.mjs'),
      nodeArgs: [`--max-semi-space-size=${YOUNG_MB}`],
      args: [
        server,
        folder,
        ...[seed, hosts, bound(index), bound(index + 1)].map(String),
        simulatedIncidents ? 'on' : 'off',
      ],
      onMessage: (message, answer) => {
        const { id, labels } = TokenRequest.parse(message)
        options.issueToken('simulated', labels).then(
          (token) => answer({ id, token }),
          (error: unknown) => answer({ id, error: error instanceof Error ? error.message : String(error) }),
        )
      },
      onExit: (what) => options.log.warn(what, 'simulated hosts ended; starting them again'),
    }),
  )
}

async function keepIdentities(options: OwnAgentsOptions, folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (let from = 0; from < names.length; from += IDENTITIES_AT_ONCE) {
    const some = names.slice(from, from + IDENTITIES_AT_ONCE)
    const now = new Date()
    await Promise.all(some.map((name) => keepIdentity({ ...options, dataDirectory: path.join(folder, name), now })))
  }
}

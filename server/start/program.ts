import { randomBytes } from 'node:crypto'
import { chmod, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import pino from 'pino'
import { createBackend } from '../bff/backend.ts'
import { copyDatabase } from '../bff/backup/copy-database.ts'
import { refuseHalfRestored } from '../bff/backup/restore-marker.ts'
import { keepRevocations } from '../bff/backup/revocation-journal.ts'
import { readOfferedAgent } from '../bff/commands/agent-release-file.ts'
import { connect } from '../bff/database/connect.ts'
import { migrations } from '../bff/database/migrations/index.ts'
import { prepareSchema } from '../bff/database/prepare-schema.ts'
import { readAgentFile } from '../bff/link/agent-file.ts'
import { startAgentServer } from '../bff/link/agent-server.ts'
import { openCertificateAuthorities } from '../bff/link/certificate-authorities.ts'
import { openCommandKey } from '../bff/link/command-key.ts'
import { createJoinToken } from '../bff/link/join-token.ts'
import { requireSameKeys } from '../bff/secrets/require-same-keys.ts'
import { loadSecretsKey } from '../bff/secrets/secrets-key.ts'
import { readSettings, SettingsError } from '../bff/settings.ts'
import { traceWords } from '../bff/tracing/trace-context.ts'
import serverPackage from '../package.json' with { type: 'json' }
import { startOwnAgents } from './agents.ts'
import { createDryRunSimulator } from './dry-run-simulator.ts'
import { readFleetSettings } from './fleet-settings.ts'
import { offerSimulatedModules } from './simulated-modules.ts'

/** server/dist holds the built programs; from the sources (`npm run dev`) the same folder is one up and aside. */
const here = path.dirname(fileURLToPath(import.meta.url))
const serverFolder = path.dirname(here)

/** How long a token for an agent of our own is good: it is used at once. */
const OWN_TOKEN_MS = 60_000

/**
 * The whole program: database, backend, agents' port, this machine's agent, recorded and simulated kernels. Resolves once the
 * page is there and the address is printed.
 * @throws SettingsError, DatabaseUnusableError with a sentence for the person who started it
 */
export async function startProgram(environment: NodeJS.ProcessEnv): Promise<{ stop(): Promise<void> }> {
  const settings = readSettings(environment)
  const fleet = readFleetSettings(environment)
  const level = environment.LOG_LEVEL ? settings.logLevel : 'warn'
  const log = pino({ level, mixin: () => traceWords() }, pino.destination(2))
  const closers: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) {
      await close().catch((error: unknown) => log.error({ err: error }, 'while stopping'))
    }
  }
  try {
    await makeDataFolder(settings.dataFolder)
    await refuseHalfRestored(settings.dataFolder)
    const database = await connect({
      databaseUrl: settings.databaseUrl,
      directUrl: settings.databaseDirectUrl,
      ownerUrl: settings.databaseOwnerUrl,
      embedded: {
        dataDirectory: settings.dataFolder,
        copyDatabase: (request) => copyDatabase(request, migrations, serverPackage.version),
      },
      log,
    })
    closers.push(() => database.close())
    await prepareSchema(database, migrations, log)

    const authorities = await openCertificateAuthorities(settings.dataFolder, new Date())
    const agentFile = await readAgentFile(path.join(serverFolder, 'dist', 'agent.mjs'), log)
    const offeredAgent = await readOfferedAgent(path.join(serverFolder, 'dist', 'agent.release'), log)
    const commandKey = await openCommandKey(settings.dataFolder)
    await requireSameKeys(
      database.kysely,
      {
        commandKey: commandKey.publicKey,
        secretsKey: await loadSecretsKey(settings),
        authorities: authorities.trusted().map(({ fingerprint }) => fingerprint),
      },
      { accept: settings.acceptNewKeys, now: new Date() },
    )
    const newToken = () => createJoinToken({ caFingerprint: authorities.shown().fingerprint, random: randomBytes })
    let agentPort = settings.agentPort
    const backend = await createBackend({
      settings,
      database,
      log,
      webFolder: path.join(serverFolder, '..', 'web', 'dist'),
      createJoinToken: newToken,
      authorities,
      agentFile,
      offeredAgent,
      commandKey,
      dryRunSimulator: createDryRunSimulator(),
      shippedFacts: path.join(serverFolder, 'bff', 'vulnerabilities', 'shipped', 'facts.jsonl.gz'),
      agentPort: () => agentPort,
    })
    closers.push(() => backend.close())
    closers.push(keepRevocations(database.kysely, settings.dataFolder, log))
    const agentServer = await startAgentServer({
      host: settings.agentHost,
      port: settings.agentPort,
      authorities,
      agentFile,
      commandKey,
      store: backend.enrolmentStore,
      ingest: backend.ingest,
      commands: backend.commands,
      taskLooks: backend.taskLooks,
      auditWitness: backend.auditWitness,
      log,
    })
    closers.push(() => agentServer.close())
    await backend.onCertificatesEnded(() => void agentServer.certificatesChanged())
    agentPort = agentServer.port
    const dialledAt = settings.agentAddress ?? `${dialled(settings.agentHost)}:${agentPort}`
    closers.push(backend.shareAgents(agentServer, dialledAt))
    const { url } = await backend.listen()

    const agents = await startOwnAgents({
      server: `https://${dialled(settings.agentHost)}:${agentPort}`,
      dataDirectory: settings.dataFolder,
      store: backend.enrolmentStore,
      authorities,
      commandKey: commandKey.publicKey,
      issueToken: async (origin, labels = {}) => {
        const { token, hash } = newToken()
        const expiresAt = new Date(Date.now() + OWN_TOKEN_MS)
        await backend.enrolmentStore.addToken({ hash, labels, expiresAt, createdBy: 'rebootless', origin, own: true })
        return token
      },
      log,
      programs: path.join(serverFolder, 'dist'),
      captures: path.join(serverFolder, 'agent', 'captures'),
      ...fleet,
    })
    closers.push(() => agents.stop())
    // Nobody waits for them.
    const offered = offerSimulatedModules({
      ...{ database: database.kysely, dataFolder: settings.dataFolder, now: () => new Date() },
      ...{ hosts: fleet.simulatedHosts, seed: fleet.simulationSeed },
    }).catch((error: unknown) => log.error({ err: error }, 'modules for simulated hosts could not be offered'))
    closers.push(() => offered)

    const link = await backend.createSignInLink()
    if (link !== undefined) console.log(`Sign in once, within ten minutes: ${link.url}`)
    console.log(`Rebootless runs on ${url}`)
    return { stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** What our own agents dial: the address that is listened on, or loopback where that is every address. */
function dialled(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

async function makeDataFolder(folder: string): Promise<void> {
  // Root's database runs as another user, who has to pass through; what is secret in here has a mode of its own.
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700
  try {
    const made = await mkdir(folder, { recursive: true, mode })
    if (made !== undefined) await chmod(folder, mode)
  } catch (error) {
    throw new SettingsError(
      `The data directory ${folder} can't be made (${error instanceof Error ? error.message : error}). ` +
        'Give REBOOTLESS_DATA a folder that this user may write to.',
    )
  }
}

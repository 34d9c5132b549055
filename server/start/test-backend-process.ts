/**
 * One backend with its agents' port in a process of its own, which a test kills. `CONNECTION` is a PoolConfig as JSON, `DATA` the
 * data folder that all share, `HTTP` and `AGENTS` its ports. Tells its parent when it is there, and ends with it.
 */
import { randomBytes } from 'node:crypto'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import pino from 'pino'
import { createBackend } from '../bff/backend.ts'
import { systemClock } from '../bff/clock.ts'
import type { DatabaseSchema } from '../bff/database/schema.ts'
import { createJudgeHere } from '../bff/exposure/judge-apart.ts'
import { startAgentServer } from '../bff/link/agent-server.ts'
import { openCertificateAuthorities } from '../bff/link/certificate-authorities.ts'
import { openCommandKey } from '../bff/link/command-key.ts'
import { createJoinToken } from '../bff/link/join-token.ts'
import { readSettings } from '../bff/settings.ts'
import { ADMIN_PASSWORD } from '../bff/test-backend.ts'
import { createDryRunSimulator } from './dry-run-simulator.ts'

const { CONNECTION = '{}', DATA = '', HTTP = '', AGENTS = '' } = process.env
process.once('disconnect', () => process.exit())

const connection = JSON.parse(CONNECTION) as pg.PoolConfig
const pool = new pg.Pool({ ...connection, max: 12 })
pool.on('error', () => undefined)
pool.on('connect', (client) => client.on('error', () => undefined))
const kysely = new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) })
const log = pino({ level: 'silent' })
const settings = {
  // `DATABASE_URL` says that the database is not this backend's own: it waits for the leases of others.
  ...readSettings({ PORT: HTTP, AGENT_PORT: AGENTS, REBOOTLESS_DATA: DATA, DATABASE_URL: 'postgres://elsewhere/db' }),
  adminPassword: ADMIN_PASSWORD,
}
const authorities = await openCertificateAuthorities(DATA, new Date())
const commandKey = await openCommandKey(DATA)
const backend = await createBackend({
  ...{
    settings,
    log,
    authorities,
    commandKey,
    database: { kysely, connection, lent: connection, fault: async () => undefined },
  },
  ...{ webFolder: DATA, dryRunSimulator: createDryRunSimulator() },
  exposureJudge: createJudgeHere(kysely, systemClock),
  createJoinToken: () => createJoinToken({ caFingerprint: authorities.shown().fingerprint, random: randomBytes }),
})
const agents = await startAgentServer({
  ...{ host: '127.0.0.1', port: settings.agentPort, authorities, commandKey, log },
  ...{ store: backend.enrolmentStore, ingest: backend.ingest, commands: backend.commands },
  ...{ taskLooks: backend.taskLooks, auditWitness: backend.auditWitness },
  // A run of seconds: links are restarted and moved more often than in a fleet.
  settings: { moveAfterMs: 1_000, links: { burst: 1_000, perSecond: 100 } },
})
backend.shareAgents(agents, `127.0.0.1:${agents.port}`)
await backend.listen()
process.send?.('ready')

import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { lstat, mkdir, open, readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createConnection, type Socket } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Kysely, PostgresDialect } from 'kysely'
import pg, { type PoolConfig } from 'pg'
import { migrate } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import type { DatabaseSchema } from './schema.ts'

export interface TestDatabase {
  kysely: Kysely<DatabaseSchema>
  connection: PoolConfig
  /** Ends the connections and drops the database. */
  drop(): Promise<void>
}

const here = path.dirname(fileURLToPath(import.meta.url))
/** Any fixed number: makes parallel test files wait for the one that makes the template. */
const TEMPLATE_LOCK = 0x74_65_73_74

/**
 * A fresh, migrated database for a test file, with nothing in it; takes about 50 ms once the first has been made. All
 * test files share one embedded server, which ends by itself; with TEST_DATABASE_URL, a superuser's or CREATEDB
 * user's, that server is used instead.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const administration = await testServer()
  return newDatabase(administration, `template ${await ensureTemplate(administration)}`)
}

/** One without a schema. */
export const createBareDatabase = async (): Promise<TestDatabase> => newDatabase(await testServer(), '')

async function newDatabase(administration: PoolConfig, how: string): Promise<TestDatabase> {
  const name = `rebootless_test_${randomBytes(8).toString('hex')}`
  await withClient(administration, (client) => client.query(`create database ${name} ${how}`))
  const connection = onDatabase(administration, name)
  const pool = new pg.Pool({ ...connection, max: 8, application_name: 'rebootless-test', statement_timeout: 30_000 })
  pool.on('error', () => undefined)
  const kysely = new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) })
  return {
    kysely,
    connection,
    async drop() {
      await kysely.destroy()
      await withClient(administration, (client) => client.query(`drop database if exists ${name} with (force)`))
    },
  }
}

/** Migrated once; named after the migrations' text, so that a changed one makes a new template. */
async function ensureTemplate(administration: PoolConfig): Promise<string> {
  const folder = path.join(here, 'migrations')
  const hash = createHash('sha256')
  for (const file of (await readdir(folder)).sort()) hash.update(await readFile(path.join(folder, file)))
  const template = `rebootless_test_template_${hash.digest('hex').slice(0, 16)}`
  await withClient(administration, async (client) => {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK])
    const found = await client.query('select 1 from pg_database where datname = $1', [template])
    if (found.rowCount !== 0) return
    const draft = `${template}_draft`
    await client.query(`drop database if exists ${draft} with (force)`)
    await client.query(`create database ${draft}`)
    const pool = new pg.Pool({ ...onDatabase(administration, draft), max: 1 })
    const kysely = new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) })
    await migrate(kysely, migrations).finally(() => kysely.destroy())
    await client.query(`alter database ${draft} rename to ${template}`)
  })
  return template
}

let shared: Promise<PoolConfig> | undefined

function testServer(): Promise<PoolConfig> {
  const url = process.env.TEST_DATABASE_URL
  shared ??= url ? Promise.resolve({ connectionString: url }) : joinSharedCluster()
  return shared
}

/** Asks the process that holds the shared server, and starts it when there is none. */
async function joinSharedCluster(): Promise<PoolConfig> {
  // One for each checkout, since each may bring other binaries.
  const name = createHash('sha256').update(here).digest('hex').slice(0, 12)
  const folder = path.join(os.tmpdir(), `rebootless-test-${process.getuid?.()}-${name}`)
  await mkdir(folder, { recursive: true, mode: 0o711 })
  const found = await lstat(folder)
  if (!found.isDirectory() || found.uid !== process.getuid?.()) throw new Error(`${folder} belongs to someone else`)
  const deadline = performance.now() + 60_000
  let starting = false
  while (performance.now() < deadline) {
    const answer = await ask(path.join(folder, 'test-cluster.sock'))
    if (answer) return answer
    // Two may start one at the same time: the second finds the folder locked and ends, and we find the first.
    if (!starting) {
      starting = true
      const child = await startClusterProcess(folder)
      child.once('exit', () => setTimeout(() => (starting = false), 1_500).unref())
    }
    await sleep(100)
  }
  const complaint = await readFile(path.join(folder, 'test-cluster.out'), 'utf8').catch(() => '')
  throw new Error(`the test database did not start: ${complaint.slice(-2_000)}`)
}

async function ask(address: string): Promise<PoolConfig | undefined> {
  const socket: Socket = createConnection(address)
  socket.on('error', () => undefined)
  try {
    await once(socket, 'connect')
    const [line] = await once(socket.setEncoding('utf8'), 'data')
    // It stays open, unnoticed, as long as we live: that is how the other side knows that the server is in use.
    socket.unref()
    return JSON.parse(line)
  } catch {
    socket.destroy()
    return undefined
  }
}

async function startClusterProcess(folder: string): Promise<ChildProcess> {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const script = path.join(here, 'test-cluster-process.ts')
  const output = await open(path.join(folder, 'test-cluster.out'), 'a', 0o600)
  const child = spawn(process.execPath, ['--import', loader, script, folder], {
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
    env: { PATH: process.env.PATH ?? '' },
  })
  child.unref()
  await output.close()
  return child
}

const onDatabase = (config: PoolConfig, database: string): PoolConfig => {
  if (!config.connectionString) return { ...config, database }
  const url = new URL(config.connectionString)
  url.pathname = `/${database}`
  return { connectionString: url.href }
}

async function withClient<Result>(config: PoolConfig, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client(config)
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

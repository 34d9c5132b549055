import { execFile } from 'node:child_process'
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { Kysely, PostgresDialect } from 'kysely'
import pg, { type PoolConfig } from 'pg'
import pino from 'pino'
import { type ProcessIdentity, signalProcess } from '../../../process/process-identity.ts'
import { systemAccounts } from '../embedded/account.ts'
import { findBinaries, installBinaries } from '../embedded/binaries.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../embedded/embedded-postgres.ts'
import { preparePlace } from '../embedded/place.ts'
import { endPostmaster, SOCKET_NAME } from '../embedded/postmaster.ts'
import { ensureServer } from '../embedded/server.ts'
import { migrate } from '../migrate.ts'
import { migrations } from '../migrations/index.ts'
import { grantTo } from '../prepare-schema.ts'
import type { DatabaseSchema } from '../schema.ts'
import type { TestDatabase } from '../test-database.ts'

const log = pino({ level: 'silent' })
/** The disk is not what is tested here. */
const settings = { fsync: 'off', max_connections: '60' }

export interface TestStandby {
  /** The primary, migrated. */
  readonly database: TestDatabase
  /** As the role that the program works under: of the primary, and of its standby. */
  readonly primaryUrl: string
  readonly url: string
  /** Of the standby's socket, for a proxy before it. */
  readonly socket: string
  /** On the standby, as its superuser. */
  query<Row extends object>(text: string): Promise<Row[]>
  pauseReplay(): Promise<unknown>
  resumeReplay(): Promise<unknown>
  /** At once: nothing is written to the disk, and sessions are cut. */
  kill(): Promise<void>
  start(): Promise<void>
  promote(): Promise<unknown>
  close(): Promise<void>
}

const urlOf = ({ host, user, password, database }: PoolConfig) =>
  `postgres://${user}:${encodeURIComponent(String(password))}@localhost/${database}?host=${encodeURIComponent(String(host))}`

const withClient = async <Result>(
  config: PoolConfig,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> => {
  const client = new pg.Client(config)
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** The files of a running server, made fit to begin from (PostgreSQL documentation, "Making a Base Backup Using the Low Level API"). */
const copyCluster = async (embedded: EmbeddedPostgres, from: string, to: string): Promise<void> => {
  await withClient(embedded.administration, async (client) => {
    await client.query(`select pg_backup_start('standby', fast => true)`)
    // It keeps owners, which Node's `cp` does not.
    await promisify(execFile)('cp', ['-a', from, to])
    const { rows } = await client.query<{ labelfile: string }>(
      'select labelfile from pg_backup_stop(wait_for_archive => false)',
    )
    await writeFile(path.join(to, 'backup_label'), rows[0]?.labelfile ?? '')
  })
  await rm(path.join(to, 'postmaster.pid'), { force: true })
  await writeFile(path.join(to, 'standby.signal'), '')
}

/** Two real PostgreSQL, one replaying what the other writes. */
export const startTestStandby = async (): Promise<TestStandby> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'standby-'))
  // Root's temporary folder is closed to the database's user.
  await chmod(folder, 0o755)
  const embedded = await startEmbeddedPostgres({ dataDirectory: path.join(folder, 'primary'), log, settings })
  const placeOf = (name: string) =>
    preparePlace({
      dataDirectory: path.join(folder, name),
      ...{ asRoot: process.getuid?.() === 0, accounts: systemAccounts, stateDirectory: path.join(folder, 'state') },
    })
  const [first, place] = [await placeOf('primary'), await placeOf('standby')]
  const binaries = await installBinaries(await findBinaries(), place.home)
  const pool = new pg.Pool({ ...embedded.owner, max: 16 })
  pool.on('error', () => undefined)
  const kysely = new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) })
  await migrate(kysely, migrations)
  await kysely.transaction().execute((transaction) => grantTo(transaction, 'rebootless'))
  await copyCluster(embedded, first.cluster, place.cluster)
  if (place.account !== undefined) {
    for (const name of ['backup_label', 'standby.signal']) {
      await chown(path.join(place.cluster, name), place.account.uid, place.account.gid)
    }
  }
  const { host, user, password } = embedded.administration
  const passwords = { administration: String(password), application: String(embedded.connection.password) }
  const request = {
    ...{ place, binaries, passwords, log, beforeStart: async () => undefined },
    settings: {
      ...settings,
      ...{ listen_addresses: '', unix_socket_directories: place.sockets, port: '5432' },
      primary_conninfo: `host=${host} port=5432 user=${user} password=${password}`,
      wal_retrieve_retry_interval: '100ms',
    },
  }
  let server: ProcessIdentity = await ensureServer(request)
  const owned = (config: PoolConfig, host: string) => urlOf({ ...config, host, database: 'rebootless' })
  const query = async <Row extends object>(text: string): Promise<Row[]> => {
    const config = { ...embedded.administration, host: place.sockets, database: 'rebootless' }
    return withClient(config, async (client) => (await client.query<Row>(text)).rows)
  }
  return {
    database: {
      ...{ kysely, connection: embedded.owner },
      drop: () => kysely.destroy(),
    },
    primaryUrl: owned(embedded.connection, first.sockets),
    url: owned(embedded.connection, place.sockets),
    socket: path.join(place.sockets, SOCKET_NAME),
    query,
    pauseReplay: () => query('select pg_wal_replay_pause()'),
    resumeReplay: () => query('select pg_wal_replay_resume()'),
    promote: () => query('select pg_promote()'),
    async kill() {
      await signalProcess(server, 'SIGQUIT')
      await endPostmaster(server, 5_000)
    },
    async start() {
      server = await ensureServer(request)
    },
    async close() {
      await kysely.destroy()
      await endPostmaster(server, 5_000)
      await embedded.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

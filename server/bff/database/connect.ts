import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, PostgresDialect } from 'kysely'
import pg, { type PoolConfig } from 'pg'
import { backOffMs } from './back-off.ts'
import { DatabaseUnusableError } from './database-error.ts'
import type { DatabaseLog } from './database-log.ts'
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded/embedded-postgres.ts'
import type { DatabaseSchema } from './schema.ts'
import { refuseServer, type ServerFacts } from './server-facts.ts'
import { cutWhenSilent } from './silent-connection.ts'

export interface Database {
  kysely: Kysely<DatabaseSchema>
  /** For connections of one's own, such as the one that listens: past any pooler. */
  connection: PoolConfig
  /** For more connections that need no session: through the pooler, where there is one. */
  lent: PoolConfig
  /** Of the role that owns the schema; the same as `connection` where no other is known. */
  owner: PoolConfig
  /** Why the database can't be used now, in a sentence for `readyz`; undefined when it answers and takes writes. */
  fault(): Promise<string | undefined>
  /** Where the embedded server keeps what is stored; undefined without one. */
  folder?: string | undefined
  /** Ends all connections, and the embedded server if there is one. */
  close(): Promise<void>
}

export interface ConnectOptions {
  /** A PostgreSQL of version 15 or newer; without it the embedded one is started. */
  databaseUrl?: string | undefined
  /**
   * The same database past a pooler that lends connections for a transaction at a time (PgBouncer, `pool_mode = transaction`),
   * which `databaseUrl` then goes through.
   */
  directUrl?: string | undefined
  /** The same database as the role that owns its tables, so that the program need not work as that role. */
  ownerUrl?: string | undefined
  embedded?: Omit<EmbeddedPostgresOptions, 'log'> | undefined
  log: DatabaseLog
  /** How long to wait for a server by `databaseUrl` that is not up yet, as in a compose file. Milliseconds. */
  patienceMs?: number
  /** How long a server may say nothing while a statement waits for it. Milliseconds. */
  silentMs?: number
}

/** With the three of the thread that stores what agents say: twice as many, and two backends use up the embedded server's 40. */
const CONNECTIONS_MAX = 13

/** A server that is asked whether it is well and answers later than this is not. */
const FAULT_MS_MAX = 8_000

/** Opening one makes the server start a process, so those of a busy minute are kept for the next. */
const IDLE_MS_MAX = 5 * 60_000

/** For every connection of ours. A request waits no longer than this for a connection or for a statement. */
const THROUGH_A_POOLER = {
  application_name: 'rebootless',
  connectionTimeoutMillis: 5_000,
  keepAlive: true,
} satisfies PoolConfig
/** A pooler refuses these, since a session is everybody's there: the role has them then (docs/scale.md). */
const CONNECTION_DEFAULTS = {
  ...THROUGH_A_POOLER,
  statement_timeout: 30_000,
  idle_in_transaction_session_timeout: 60_000,
} satisfies PoolConfig

/**
 * Opens the database: the server of `databaseUrl`, or the embedded one, which it starts.
 * @throws DatabaseUnusableError when it can't be used, with what to do
 */
export async function connect(options: ConnectOptions): Promise<Database> {
  if (options.databaseUrl) {
    const direct = { connectionString: options.directUrl ?? options.databaseUrl }
    const owner = { connectionString: options.ownerUrl ?? direct.connectionString }
    const pooled =
      options.directUrl === undefined ? undefined : { ...THROUGH_A_POOLER, connectionString: options.databaseUrl }
    return await openPool(direct, owner, options, undefined, pooled)
  }
  if (!options.embedded) throw new Error('connect needs databaseUrl or embedded')
  const embedded = await startEmbeddedPostgres({ ...options.embedded, log: options.log })
  try {
    return await openPool(embedded.connection, embedded.owner, options, embedded)
  } catch (error) {
    await embedded.stop()
    throw error
  }
}

async function openPool(
  target: PoolConfig,
  owner: PoolConfig,
  { log, patienceMs = 30_000, silentMs }: ConnectOptions,
  embedded: EmbeddedPostgres | undefined,
  pooled?: PoolConfig,
): Promise<Database> {
  const connection: PoolConfig = { ...CONNECTION_DEFAULTS, ...target }
  const lent = pooled ?? connection
  const pool = new pg.Pool({ ...lent, max: CONNECTIONS_MAX, idleTimeoutMillis: IDLE_MS_MAX })
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  let closing = false
  pool.on('error', (error) => {
    if (!closing) log.warn({ reason: error.message }, 'an idle database connection broke')
  })
  // One that breaks while it is lent out has no listener but this; whoever has it is told by the query's failure.
  pool.on('connect', (client) => {
    client.on('error', () => undefined)
    cutWhenSilent(client, silentMs)
  })
  const kysely = new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) })
  const close = async () => {
    closing = true
    await kysely.destroy()
    await embedded?.stop()
  }
  try {
    const facts = await firstFacts(pool, log, patienceMs)
    refuseServer(facts)
    if (!facts.fsync) log.warn('the database runs with fsync off: a power cut can lose or damage all of it')
    log.info({ version: facts.version, embedded: embedded !== undefined }, 'database connected')
  } catch (error) {
    await kysely.destroy()
    throw error
  }
  const fault = async () => {
    try {
      const facts = await inTime(readFacts(pool), FAULT_MS_MAX)
      if (!facts.writable) return 'The database is read-only now: nothing new can be stored.'
      return await embedded?.diskFault()
    } catch (error) {
      // A server that a full disk has ended says as little as any other that is away.
      const diskFault = await embedded?.diskFault().catch(() => undefined)
      if (diskFault !== undefined) return diskFault
      const state = embedded?.state()
      return `The database does not answer: ${state?.kind === 'down' ? state.reason : messageOf(error)}`
    }
  }
  return {
    kysely,
    connection,
    lent,
    owner: { ...CONNECTION_DEFAULTS, ...owner },
    fault,
    folder: embedded?.folder,
    close,
  }
}

/** The first answer of a server, which may still be starting. */
async function firstFacts(pool: pg.Pool, log: DatabaseLog, patienceMs: number): Promise<ServerFacts> {
  const deadline = performance.now() + patienceMs
  for (let failures = 1; ; failures += 1) {
    try {
      return await readFacts(pool)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      // 28 a wrong user or password, 3D no such database: time mends neither.
      if (code === 'ERR_INVALID_URL') {
        // Without its cause, which holds the URL and so the password.
        throw new DatabaseUnusableError(
          'DATABASE_URL is no URL of the form postgres://user:password@host:5432/database; ' +
            'characters such as / and # in the password are to be percent-encoded.',
        )
      }
      const hopeless = /^(28|3D)/.test(code)
      if (hopeless || performance.now() > deadline) {
        throw new DatabaseUnusableError(
          `The database does not let us in: ${messageOf(error)}. Check DATABASE_URL and that the server runs.`,
          { cause: error },
        )
      }
      log.warn({ reason: messageOf(error) }, 'the database does not answer yet; trying again')
      await sleep(backOffMs(failures, Math.random()))
    }
  }
}

/** Rejects when it takes longer: who asks whether we serve does not wait until TCP gives a server up. */
const inTime = async <Result>(work: Promise<Result>, milliseconds: number): Promise<Result> => {
  const late = new AbortController()
  const tooLong = sleep(milliseconds, undefined, { signal: late.signal }).then(() => {
    throw new Error(`it said nothing for ${milliseconds / 1000} s`)
  })
  tooLong.catch(() => undefined)
  return await Promise.race([work, tooLong]).finally(() => late.abort())
}

async function readFacts(pool: pg.Pool): Promise<ServerFacts> {
  const { rows } = await pool.query<{ version: string; fsync: string; writable: boolean }>(`
    select current_setting('server_version_num') as version, current_setting('fsync') as fsync,
      not pg_is_in_recovery() and current_setting('default_transaction_read_only') = 'off' as writable`)
  const [row] = rows
  if (!row) throw new Error('no answer')
  return { version: Number(row.version), fsync: row.fsync === 'on', writable: row.writable }
}

/** Of an AggregateError (no address of a name answered) the first reason; never the URL, which holds the password. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return messageOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}

// Goal: DATABASE_URL works, breaks gently, and is refused in words that help and hold no secret. Method: a real server.
import { sql } from 'kysely'
import type { PoolConfig } from 'pg'
import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from './connect.ts'
import { DatabaseUnusableError } from './database-error.ts'
import { createTestDatabase, type TestDatabase } from './test-database.ts'

const log = pino({ level: 'silent' })
let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

function urlOf(config: PoolConfig, change: { password?: string; database?: string; host?: string } = {}): string {
  const url = config.connectionString
    ? new URL(config.connectionString)
    : new URL(`postgres://${config.user}@localhost:${config.port}/${config.database}`)
  if (!config.connectionString) url.password = String(config.password)
  if (!config.connectionString) url.searchParams.set('host', String(config.host))
  if (change.password) url.password = change.password
  if (change.database) url.pathname = change.database
  if (change.host) url.searchParams.set('host', change.host)
  return url.href
}

const refusal = async (databaseUrl: string) => {
  const error: unknown = await connect({ databaseUrl, log, patienceMs: 100 }).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(DatabaseUnusableError)
  return error as DatabaseUnusableError
}

test('T37 the pool survives that the server cuts all its connections', async () => {
  const connected = await connect({ databaseUrl: urlOf(database.connection), log })
  try {
    expect((await sql`select current_setting('application_name') as name`.execute(connected.kysely)).rows).toEqual([
      { name: 'rebootless' },
    ])
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'rebootless' and datname = current_database()`.execute(database.kysely)
    await expect
      .poll(() =>
        sql`select 1 as one`.execute(connected.kysely).then(
          ({ rows }) => rows,
          () => [],
        ),
      )
      .toEqual([{ one: 1 }])
    expect(await connected.fault()).toBeUndefined()
  } finally {
    await connected.close()
  }
})

test('T37 a connection that is cut while it is lent out fails its query and nothing else', async () => {
  const connected = await connect({ databaseUrl: urlOf(database.connection), log })
  try {
    const transaction = connected.kysely.transaction().execute(async (cut) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(cut)
      await sql`select pg_terminate_backend(${rows[0]?.pid}, 5000)`.execute(database.kysely)
      // Long enough for the broken connection to be noticed with no query under way.
      await new Promise((resolve) => setTimeout(resolve, 50))
      await sql`select 1`.execute(cut)
    })
    await expect(transaction).rejects.toThrow(/connection|terminat/i)
    expect((await sql`select 1 as one`.execute(connected.kysely)).rows).toEqual([{ one: 1 }])
  } finally {
    await connected.close()
  }
})

test('T33 a database turned read-only is a fault while running, and refused at start', async () => {
  const readOnly = await createTestDatabase()
  const name = new URL(urlOf(readOnly.connection)).pathname.slice(1)
  const connected = await connect({ databaseUrl: urlOf(readOnly.connection), log })
  try {
    await sql`alter database ${sql.id(name)} set default_transaction_read_only = on`.execute(database.kysely)
    // The setting holds for new sessions, so the old ones are cut, as a fail-over would.
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'rebootless' and datname = ${name}`.execute(database.kysely)
    await expect.poll(() => connected.fault()).toMatch(/read-only/)
    expect((await refusal(urlOf(readOnly.connection))).message).toMatch(/read-only/)
  } finally {
    await connected.close()
    await readOnly.drop()
  }
})

test('T31 a wrong password, database, server or URL is refused without repeating the secret', async () => {
  const secret = 'canary-4711'
  const errors = [
    await refusal(urlOf(database.connection, { password: secret })),
    await refusal(urlOf(database.connection, { database: 'missing' })),
    await refusal(urlOf(database.connection, { host: '/nonexistent', password: secret })),
    await refusal(`postgres://user:${secret}/#@[nowhere`),
  ]
  expect(errors.map(({ message }) => message)).toEqual([
    expect.stringMatching(/password authentication failed.*Check DATABASE_URL/),
    expect.stringMatching(/"missing" does not exist/),
    expect.stringMatching(/ENOENT/),
    expect.stringMatching(/postgres:\/\/user:password@host:5432\/database/),
  ])
  const lines: string[] = []
  const logger = pino({}, { write: (line: string) => lines.push(line) })
  for (const error of errors) logger.error({ err: error }, 'refused')
  expect(lines.join('')).not.toContain(secret)
})

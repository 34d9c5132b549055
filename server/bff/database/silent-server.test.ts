// Goal: a database server that no longer answers, while its connections stay open, is told as a fault at once and costs no more than the
// queries that wait for it. Method: a real server behind a proxy that goes silent.
import { sql } from 'kysely'
import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestProxy } from '../../process/test-proxy.ts'
import { connect } from './connect.ts'
import { createTestDatabase, type TestDatabase } from './test-database.ts'

const SILENT_MS = 500
let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

/** The test server's own address: its socket's file, or what TEST_DATABASE_URL names. */
const upstream = () => {
  const { connectionString, host, port = 5432 } = database.connection
  if (!connectionString) return { path: `${host}/.s.PGSQL.${port}` }
  const url = new URL(connectionString)
  return { host: url.hostname, port: Number(url.port || 5432) }
}

const through = (port: number): string => {
  const { connectionString, user, password, database: name } = database.connection
  const url = new URL(connectionString ?? `postgres://${user}@localhost/${name}`)
  if (!connectionString) url.password = String(password)
  url.host = `127.0.0.1:${port}`
  return url.href
}

test('T37 what waits for a server that has gone silent fails, and the next query goes over another connection', async () => {
  const proxy = await startTestProxy(upstream())
  const log = pino({ level: 'silent' })
  const connected = await connect({ databaseUrl: through(proxy.port), log, silentMs: SILENT_MS })
  try {
    await sql`select 1`.execute(connected.kysely)
    proxy.set('silent')
    await expect(sql`select 1`.execute(connected.kysely)).rejects.toThrow(/no longer answers/)
    expect(await connected.fault()).toMatch(/^The database does not answer: /)
    proxy.set('open')
    expect((await sql`select 2 as two`.execute(connected.kysely)).rows).toEqual([{ two: 2 }])
    expect(await connected.fault()).toBeUndefined()
  } finally {
    await connected.close()
    await proxy.close()
  }
})

test('a connection that nobody uses is left alone, and so is one whose server answers within the limit', async () => {
  const proxy = await startTestProxy(upstream())
  const log = pino({ level: 'silent' })
  const connected = await connect({ databaseUrl: through(proxy.port), log, silentMs: SILENT_MS })
  const connection = async () =>
    (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(connected.kysely)).rows[0]?.pid
  try {
    const before = await connection()
    await sql`select pg_sleep(${SILENT_MS / 5_000})`.execute(connected.kysely)
    // As long as the limit, twice: nothing may happen in it.
    await new Promise((resolve) => setTimeout(resolve, 2 * SILENT_MS))
    expect(await connection()).toBe(before)
  } finally {
    await connected.close()
    await proxy.close()
  }
})

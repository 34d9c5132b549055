// Goal: the program works through a PgBouncer that lends connections for a transaction at a time: all but what needs a session of
// its own. Method: Debian's PgBouncer with three connections in front of a test database, and what hosts say of themselves,
// many at once, with a listener on the direct connection.
import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, cp, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { connect, type Database } from '@rebootless/server/bff/database/connect.ts'
import { openNotifications } from '@rebootless/server/bff/database/notifications.ts'
import { createTestDatabase, type TestDatabase } from '@rebootless/server/bff/database/test-database.ts'
import { EVENTS_CHANNEL } from '@rebootless/server/bff/events/append-event.ts'
import { createIngest } from '@rebootless/server/bff/ingest/ingest.ts'
import { enrolTestHost, openTestLink } from '@rebootless/server/bff/ingest/test-host.ts'
import { snapshotMessage } from '@rebootless/server/bff/ingest/test-messages.ts'
import { takeLease } from '@rebootless/server/bff/rollouts/lease.ts'
import { freePort } from '@rebootless/server/process/free-port.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cachedFolder } from '../kernel/lab/cache.ts'
import { unpackPackages } from '../kernel/lab/packages.ts'

const HOSTS = 40
const CONNECTIONS = 3
const silent = () => undefined
const log = { info: silent, warn: silent, error: silent }

let database: TestDatabase
let folder: string
let bouncer: ChildProcess
let connected: Database

const urlOf = (
  { user, password, host, port, database: name }: TestDatabase['connection'],
  through?: number,
): string => {
  const url = new URL(`postgres://localhost:${through ?? port}/${name}`)
  url.username = `${user}`
  url.password = `${password}`
  url.searchParams.set('host', through === undefined ? `${host}` : '127.0.0.1')
  return url.href
}

beforeAll(async () => {
  const root = await cachedFolder('debian-pgbouncer', (draft) =>
    unpackPackages(['pgbouncer', 'libevent-2.1-7', 'libc-ares2'], draft),
  )
  database = await createTestDatabase()
  const { user, password, host, port, database: name } = database.connection
  const listens = await freePort()
  folder = await mkdtemp('/tmp/rebootless-pgbouncer-')
  await cp(path.join(root, 'usr'), path.join(folder, 'usr'), { recursive: true })
  await chmod(folder, 0o755)
  await writeFile(path.join(folder, 'users.txt'), `"${user}" "${password}"\n`, { mode: 0o644 })
  await writeFile(
    path.join(folder, 'pgbouncer.ini'),
    `[databases]
${name} = host=${host} port=${port} user=${user} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listens}
unix_socket_dir =
auth_type = plain
auth_file = ${folder}/users.txt
pool_mode = transaction
default_pool_size = ${CONNECTIONS}
`,
    { mode: 0o644 },
  )
  // It does not run as root; the owner of the sockets reaches the database.
  const { uid, gid } = await stat(`${host}`)
  bouncer = spawn(path.join(folder, 'usr/sbin/pgbouncer'), [path.join(folder, 'pgbouncer.ini')], {
    env: { ...process.env, LD_LIBRARY_PATH: path.join(folder, 'usr/lib/x86_64-linux-gnu') },
    stdio: 'ignore',
    ...(process.getuid?.() === 0 ? { uid, gid } : {}),
  })
  connected = await connect({
    ...{ databaseUrl: urlOf(database.connection, listens), directUrl: urlOf(database.connection), log },
    patienceMs: 30_000,
  })
})
afterAll(async () => {
  await connected?.close()
  const ended = new Promise((resolve) => bouncer.once('exit', resolve))
  if (bouncer.exitCode === null && bouncer.kill('SIGTERM')) await ended
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

test('what hosts say goes through it, many at once, and a listener past it hears of all', async () => {
  const { kysely, connection } = connected
  const clock = { now: () => new Date() }
  const notifications = openNotifications(connection, log)
  let newest = 0n
  await notifications.subscribe(EVENTS_CHANNEL, {
    notified: (id) => {
      newest = BigInt(id) > newest ? BigInt(id) : newest
    },
    mayHaveMissed: () => undefined,
  })
  const ingest = createIngest({ database: kysely, clock, heartbeatsEveryMs: 0, changesEveryMs: 0 })
  await Promise.all(
    Array.from({ length: HOSTS }, async () => {
      const id = await enrolTestHost(kysely)
      await openTestLink(ingest, id, `link-${id}`, clock.now())
      await ingest.accept(id, snapshotMessage({ epoch: 1, sequence: 1 }), clock.now())
    }),
  )
  const connectedHosts = await kysely.selectFrom('hosts').select('id').where('connected', '=', true).execute()
  expect(connectedHosts).toHaveLength(HOSTS)
  const last = await kysely.selectFrom('events').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst()
  await expect.poll(() => `${newest}`).toBe(last?.id)
  expect(await takeLease(kysely, crypto.randomUUID())).toBe(1)
  expect(await connected.fault()).toBeUndefined()
  await notifications.close()
})

test('it lends few connections, and what needs a session has one past it', async () => {
  const processes = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const asked = connected.kysely.selectNoFrom((select) => [
        select.fn<number>('pg_backend_pid').as('pid'),
        select.fn('pg_sleep', [select.val(0.05)]).as('slept'),
      ])
      return (await asked.executeTakeFirst())?.pid
    }),
  )
  expect(new Set(processes).size).toBeLessThanOrEqual(CONNECTIONS)
  expect(connected.connection).toMatchObject({ statement_timeout: 30_000 })
  expect([connected.connection, connected.owner].map(({ connectionString }) => connectionString)).toEqual([
    urlOf(database.connection),
    urlOf(database.connection),
  ])
})

// Goal: when something that a change hangs on is down, slow or wrong, nothing is changed, the answer says so, and reading
// goes on where it can. Method: each fault of database, audit log and key × each acting route of the contract, on a real
// backend; the whole database, and the folder of uploads, are compared before and after.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { TOTP } from 'otpauth'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addPerson, setPassword } from '../access/test-people.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { dumpDatabase } from '../database/test-dump.ts'
import { enrolTestHost } from '../ingest/test-host.ts'
import { testModule } from '../patches/module/test-module.ts'
import { ADMIN_PASSWORD, startTestBackend, type TestAnswer, type TestBackend } from '../test-backend.ts'
import { bareBody, definitionOf, methodOf, pathOf, routeKeys } from './test-routes.ts'
import { signInAs } from './test-users.ts'

type Fault = 'none' | 'down' | 'slow' | 'read only'
let fault: Fault = 'none'
let real: TestDatabase
let pool: pg.Pool
let faulty: Kysely<DatabaseSchema>
let backend: TestBackend
let admin: string
let hostId: string
let dataFolder: string

beforeAll(async () => {
  real = await createTestDatabase()
  pool = new pg.Pool({ ...real.connection, max: 4, connectionTimeoutMillis: 300 })
  pool.on('error', () => undefined)
  const connect = async (): Promise<pg.PoolClient> => {
    if (fault === 'down') throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    // What pg's own pool says once its connections are all held by slow statements.
    if (fault === 'slow') throw new Error('timeout exceeded when trying to connect')
    const client = await pool.connect()
    // On each that is lent out: the backend's own looks hold some of them at any time.
    await client.query(`set default_transaction_read_only = ${fault === 'read only' ? 'on' : 'off'}`)
    return client
  }
  faulty = new Kysely<DatabaseSchema>({
    dialect: new PostgresDialect({ pool: { connect, end: () => pool.end() } as unknown as pg.Pool }),
  })
  dataFolder = await mkdtemp(path.join(tmpdir(), 'rebootless-doubt-'))
  backend = await startTestBackend({ ...real, kysely: faulty }, { settings: { dataFolder } })
  admin = await signInAs(real.kysely, 'admin')
  hostId = await enrolTestHost(real.kysely, { name: 'doubt' })
})
afterAll(async () => {
  fault = 'none'
  await backend.close()
  await faulty.destroy()
  await real.drop()
  await rm(dataFolder, { recursive: true })
})

/** Bodies with which a route does something; those left out here are refused for their body as well. */
const BODIES: Readonly<Record<string, object>> = {
  'POST /api/v1/session': { username: 'admin', password: ADMIN_PASSWORD },
  'PUT /api/v1/session/password': { password: 'a password of my own' },
  'POST /api/v1/users': { username: 'somebody', role: 'viewer' },
  'POST /api/v1/tokens': { name: 'script', role: 'viewer', validDays: 1 },
  'POST /api/v1/enrolment-tokens': {},
  'DELETE /api/v1/hosts/:id': { name: 'doubt', reason: 'doubt' },
  'POST /api/v1/hosts/:id/quarantine': { reason: 'doubt' },
  'POST /api/v1/hosts/:id/revoke-certificates': { name: 'doubt', reason: 'doubt' },
  'POST /api/v1/fleet/freeze': { reason: 'doubt' },
}
const UPLOAD = 'POST /api/v1/patches'
const acting = routeKeys.filter((key) => methodOf(key) !== 'GET')
const act = (key: (typeof acting)[number]): Promise<TestAnswer> => {
  if (definitionOf(key).requestMedia === 'octets') {
    const headers = { 'content-type': 'application/octet-stream' }
    return backend.call(methodOf(key), pathOf(key), { cookie: admin, headers, bytes: testModule() })
  }
  const body = BODIES[key] ?? bareBody(key).body
  return backend.call(methodOf(key), pathOf(key, hostId), { cookie: admin, ...(body === undefined ? {} : { body }) })
}
/** What a refused or failed act may still leave: guesses that are counted, and when a session was used. */
const rows = async () => {
  const dump = await dumpDatabase(real.kysely)
  // The backend's own: who of several drives rollouts is written each second.
  const { audit: _audit, sign_in_attempts: _attempts, leases: _leases, ...others } = dump
  return { ...others, uploads: await readdir(path.join(dataFolder, 'artefacts')) }
}
const hosts = () => backend.call('GET', '/api/v1/hosts', { cookie: admin })

describe.each(['down', 'slow'] as const)('T33 the database is %s', (kind) => {
  test.each(acting)('%s is refused and says why', async (key) => {
    const before = await rows()
    fault = kind
    const answer = await act(key).finally(() => {
      fault = 'none'
    })
    expect(answer.json()).toMatchObject(
      // Who sends no valid body to a route for anyone is told so first.
      answer.status === 400 ? { type: '/problems/body_invalid' } : { status: 503, type: '/problems/not_ready' },
    )
    expect(answer.status === 400 && key in BODIES).toBe(false)
    expect(await rows()).toEqual(before)
  })
  test('reading says why as well, and goes on afterwards', async () => {
    fault = kind
    const answer = await hosts().finally(() => {
      fault = 'none'
    })
    expect(answer.json()).toMatchObject({ status: 503, detail: 'The database does not answer: try again in a moment.' })
    expect((await hosts()).status).toBe(200)
  })
})

const reachHandlers = acting.filter((key) => key in BODIES || key === UPLOAD)

describe('T33 the database takes no writes', () => {
  test.each(reachHandlers)('%s is refused and says why, reading goes on', async (key) => {
    const before = await rows()
    fault = 'read only'
    try {
      expect((await act(key)).json()).toMatchObject({ status: 503, type: '/problems/not_ready' })
      expect((await hosts()).status).toBe(200)
    } finally {
      fault = 'none'
    }
    expect(await rows()).toEqual(before)
  })
})

describe('T33 T30 the audit log takes nothing', () => {
  beforeAll(async () => {
    await sql`create function audit_is_full() returns trigger language plpgsql as
      $$ begin raise exception 'the disk is full' using errcode = '53100'; end $$`.execute(real.kysely)
    await sql`create trigger a_full_disk before insert on audit execute function audit_is_full()`.execute(real.kysely)
  })
  afterAll(async () => {
    await sql`drop trigger a_full_disk on audit`.execute(real.kysely)
  })
  const FREEZE = 'POST /api/v1/fleet/freeze'
  test.each(reachHandlers.filter((key) => key !== FREEZE))('%s is refused, and undone', async (key) => {
    const before = await rows()
    const answer = await act(key)
    expect([key, answer.status, answer.json().type]).toEqual([key, 503, '/problems/not_ready'])
    expect(await rows()).toEqual(before)
    expect((await hosts()).status).toBe(200)
  })
  test('T28 stopping all changes needs no row there', async () => {
    expect((await act(FREEZE)).json()).toMatchObject({ frozen: true })
  })
})

test('T33 a second factor sealed with another key lets nobody in, and says so', async () => {
  const person = await addPerson(backend, admin, 'sealed', 'viewer')
  await setPassword(backend, person.cookie, 'a password of my own')
  const begun = await backend.call('POST', '/api/v1/session/totp', { cookie: person.cookie })
  const { secret } = begun.json<{ secret: string }>()
  const code = () => new TOTP({ secret }).generate({ timestamp: backend.clock.now().getTime() })
  await backend.call('POST', '/api/v1/session/totp/confirm', { cookie: person.cookie, body: { code: code() } })
  backend.clock.advance(30_000)
  const otherKey = await startTestBackend(real, { settings: { secretsKey: Buffer.alloc(32, 9).toString('base64') } })
  otherKey.clock.advance(30_000)
  const asked = await otherKey.call('POST', '/api/v1/session', {
    body: { username: 'sealed', password: 'a password of my own' },
  })
  const { challenge } = asked.json<{ challenge: string }>()
  const answer = await otherKey.call('POST', '/api/v1/session/code', { body: { challenge, code: code() } })
  expect(answer.json()).toMatchObject({ status: 503, type: '/problems/secret_unreadable' })
  expect(answer.headers['set-cookie']).toBeUndefined()
  await otherKey.close()
})

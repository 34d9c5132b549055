// Goal: only who may gets a session, and its end is an end everywhere. Method: two real backends on one database.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { ADMIN_PASSWORD, cookieOf, startTestBackend, type TestBackend } from '../test-backend.ts'
import { auditOf, linkTokenOf } from './test-people.ts'

let database: TestDatabase
let first: TestBackend
let second: TestBackend
beforeAll(async () => {
  database = await createTestDatabase()
  first = await startTestBackend(database)
  second = await startTestBackend(database)
})
afterAll(async () => {
  await Promise.all([first.close(), second.close()])
  await database.drop()
})
beforeEach(async () => {
  await database.kysely.deleteFrom('sign_in_attempts').execute()
  await database.kysely.deleteFrom('sign_in_sources').execute()
})

const signIn = (backend: TestBackend, username: string, password: string, headers: Record<string, string> = {}) =>
  backend.call('POST', '/api/v1/session', { body: { username, password }, headers })
const whoAmI = async (backend: TestBackend, cookie: string) =>
  (await backend.call('GET', '/api/v1/session', { cookie })).status

describe('T01 the session', () => {
  test('comes in a cookie that scripts and other sites never see', async () => {
    const answer = await signIn(first, 'admin', ADMIN_PASSWORD)
    expect(answer.status).toBe(201)
    const [header = ''] = answer.headers['set-cookie'] ?? []
    expect(header).toMatch(/^rebootless=[A-Za-z0-9_-]{43}; Max-Age=604800; Path=\/; .*HttpOnly; SameSite=Strict$/)
    expect(answer.json()).toMatchObject({ username: 'admin', role: 'admin' })
  })

  test('has the __Host- cookie with Secure behind a declared proxy that speaks TLS', async () => {
    const proxied = await startTestBackend(database, {
      settings: { trustedProxies: ['127.0.0.1'], publicHosts: ['fleet.example'] },
    })
    const headers = { host: 'fleet.example', origin: 'https://fleet.example', 'x-forwarded-proto': 'https' }
    const answer = await signIn(proxied, 'admin', ADMIN_PASSWORD, headers)
    const [header = ''] = answer.headers['set-cookie'] ?? []
    expect(header).toMatch(/^__Host-rebootless=.*Path=\/;.*HttpOnly; Secure; SameSite=Strict$/)
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000')
    await proxied.close()
  })

  test('is stored as a hash, and is a new one each time', async () => {
    const cookies = [await first.signIn(), await first.signIn()]
    expect(cookies[0]).not.toBe(cookies[1])
    const rows = await database.kysely.selectFrom('sessions').select('token_hash').execute()
    for (const cookie of cookies) {
      expect(rows.some((row) => cookie.includes(row.token_hash))).toBe(false)
    }
  })

  test('ends when somebody signs in again in the same browser, in which way ever; others go on', async () => {
    const elsewhere = await first.signIn()
    let cookie = await first.signIn()
    const again = async (path: string, body: object) => {
      const former = cookie
      const answer = await first.call('POST', path, { cookie, body })
      expect(answer.status).toBe(201)
      cookie = cookieOf(answer)
      expect([await whoAmI(second, former), await whoAmI(second, cookie)]).toEqual([401, 200])
    }
    await again('/api/v1/session', { username: 'admin', password: ADMIN_PASSWORD })
    const created = await first.call('POST', '/api/v1/users', {
      cookie,
      body: { username: 'same-browser', role: 'viewer' },
    })
    const { link } = created.json<{ link: { path: string } }>()
    await again('/api/v1/session/link', { token: linkTokenOf(link.path) })
    expect(await whoAmI(first, elsewhere)).toBe(200)
    expect((await auditOf(database.kysely, 'session.end')).map(({ target }) => target)).toEqual(['admin', 'admin'])
  })

  test('goes on where a sign-in from its browser is refused', async () => {
    const cookie = await first.signIn()
    const refused = await first.call('POST', '/api/v1/session', { cookie, body: { username: 'admin', password: 'x' } })
    expect([refused.status, await whoAmI(first, cookie)]).toEqual([401, 200])
  })

  test('is valid on every backend, and signing out ends it on all', async () => {
    const cookie = await first.signIn()
    expect(await whoAmI(second, cookie)).toBe(200)
    expect((await first.call('DELETE', '/api/v1/session', { cookie })).status).toBe(204)
    expect([await whoAmI(first, cookie), await whoAmI(second, cookie)]).toEqual([401, 401])
  })

  test('ends when the user is disabled, and follows a changed role at once', async () => {
    const cookie = await first.signIn()
    const set = (fields: { role?: 'viewer' | 'admin'; disabled_at?: Date | null }) =>
      database.kysely.updateTable('users').set(fields).where('username', '=', 'admin').execute()
    await set({ role: 'viewer' })
    expect((await first.call('POST', '/api/v1/enrolment-tokens', { cookie, body: {} })).status).toBe(403)
    await set({ role: 'admin', disabled_at: new Date() })
    expect(await whoAmI(first, cookie)).toBe(401)
    await set({ disabled_at: null })
  })

  test('ends after twelve idle hours, and after seven days however busy', async () => {
    const backend = await startTestBackend(database)
    const hours = (count: number) => backend.clock.advance(count * 3_600_000)
    const idle = await backend.signIn()
    hours(11)
    expect(await whoAmI(backend, idle)).toBe(200)
    hours(13)
    expect(await whoAmI(backend, idle)).toBe(401)
    const busy = await backend.signIn()
    for (let hour = 0; hour < 7 * 24 - 8; hour += 8) {
      hours(8)
      expect(await whoAmI(backend, busy)).toBe(200)
    }
    hours(8)
    expect(await whoAmI(backend, busy)).toBe(401)
    await backend.close()
  })
})

describe('T01 the one-time link', () => {
  const tokenOf = async (backend: TestBackend) => {
    const link = await backend.createSignInLink()
    const [address = '', token = ''] = link?.url.split('#token=') ?? []
    expect(address).toBe(`${backend.url}/sign-in`)
    return token
  }
  const use = (backend: TestBackend, token: string) => backend.call('POST', '/api/v1/session/link', { body: { token } })

  test('of twenty uses at once on two backends one signs in', async () => {
    const own = await createTestDatabase()
    const pair = [await startTestBackend(own, { settings: { adminPassword: undefined } })]
    pair.push(await startTestBackend(own, { settings: { adminPassword: undefined } }))
    const [one, other] = pair
    if (one === undefined || other === undefined) throw new Error('no backends')
    const token = await tokenOf(one)
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => use(n % 2 === 0 ? one : other, token)))
    expect(answers.filter(({ status }) => status === 201).length).toBe(1)
    const rows = await own.kysely.selectFrom('sessions').select('token_hash').execute()
    expect(rows.length).toBe(1)
    await Promise.all(pair.map((backend) => backend.close()))
    await own.drop()
  })

  test('is of no use after ten minutes, and is not made where there is a password', async () => {
    expect(await first.createSignInLink()).toBeUndefined()
    const own = await createTestDatabase()
    const backend = await startTestBackend(own, { settings: { adminPassword: undefined } })
    const late = await tokenOf(backend)
    backend.clock.advance(10 * 60_000 + 1)
    expect((await use(backend, late)).json()).toMatchObject({ type: '/problems/sign_in_refused' })
    const fresh = await use(backend, await tokenOf(backend))
    expect(await whoAmI(backend, cookieOf(fresh))).toBe(200)
    await backend.close()
    await own.drop()
  })
})

test('T31 a changed password in the settings replaces the old one and ends its sessions', async () => {
  const own = await createTestDatabase()
  const before = await startTestBackend(own)
  const cookie = await before.signIn()
  await before.close()
  const after = await startTestBackend(own, { settings: { adminPassword: 'another one, quite as long' } })
  expect(await whoAmI(after, cookie)).toBe(401)
  expect((await signIn(after, 'admin', ADMIN_PASSWORD)).status).toBe(401)
  const { password_hash } = await own.kysely.selectFrom('users').select('password_hash').executeTakeFirstOrThrow()
  expect(password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  await after.close()
  await own.drop()
})

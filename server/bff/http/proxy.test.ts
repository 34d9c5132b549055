// Goal: behind a declared proxy, what comes to the port in the clear is refused. Method: a backend with two proxies
// declared, asked with the heads that each kind of hop sends; the network's own addresses as made-up requests.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { ADMIN_PASSWORD, startTestBackend, type TestBackend } from '../test-backend.ts'
import { requireSafeHop } from './local-request.ts'

let database: TestDatabase
let behindLocal: TestBackend
let behindOther: TestBackend
beforeAll(async () => {
  database = await createTestDatabase()
  const settings = { publicHosts: ['fleet.example'] }
  behindLocal = await startTestBackend(database, { settings: { ...settings, trustedProxies: ['127.0.0.1'] } })
  behindOther = await startTestBackend(database, { settings: { ...settings, trustedProxies: ['192.0.2.1'] } })
})
afterAll(async () => {
  await Promise.all([behindLocal.close(), behindOther.close()])
  await database.drop()
})

const client = '203.0.113.7'
const signIn = async (backend: TestBackend, scheme: string, headers: Record<string, string>) => {
  const body = { username: 'admin', password: ADMIN_PASSWORD }
  const own = { host: 'fleet.example', origin: `${scheme}://fleet.example`, ...headers }
  return (await backend.call('POST', '/api/v1/session', { body, headers: own })).status
}

describe('T01 behind a declared proxy', () => {
  test('a sign-in is taken over its TLS, and from this machine', async () => {
    const headers = { 'x-forwarded-for': client, 'x-forwarded-proto': 'https' }
    expect(await signIn(behindLocal, 'https', headers)).toBe(201)
    expect(await signIn(behindLocal, 'http', {})).toBe(201)
  })

  test('one in the clear is refused with a sentence, and so are pages', async () => {
    const headers = { 'x-forwarded-for': client, 'x-forwarded-proto': 'http' }
    expect(await signIn(behindLocal, 'http', headers)).toBe(403)
    expect(await signIn(behindLocal, 'http', { 'x-forwarded-proto': 'http' })).toBe(403)
    const page = await behindLocal.call('GET', '/', { headers: { ...headers, host: 'fleet.example' } })
    expect(page.json()).toMatchObject({ status: 403, detail: expect.stringMatching(/in the clear.*https address/) })
  })

  test('the word of a proxy that nobody declared counts for nothing', async () => {
    const headers = { 'x-forwarded-for': client, 'x-forwarded-proto': 'https' }
    expect(await signIn(behindOther, 'https', headers)).toBe(403)
    expect(await signIn(behindOther, 'http', headers)).toBe(403)
  })

  test('a browser that reaches the port itself is refused', () => {
    const from = (remoteAddress: string, secure = false) => {
      return () => requireSafeHop({ headers: {}, ip: remoteAddress, socket: { remoteAddress }, secure })
    }
    expect(from(client)).toThrow(/in the clear/)
    expect(from('::ffff:10.0.0.9')).toThrow(/in the clear/)
    expect(from(client, true)).not.toThrow()
    expect(from('::1')).not.toThrow()
  })
})

test('probes answer whatever name they are asked by, metrics do not', async () => {
  const headers = { host: '10.0.0.9:8080', 'x-forwarded-for': client, 'x-forwarded-proto': 'http' }
  const status = async (path: string) => (await behindLocal.call('GET', path, { headers })).status
  expect([await status('/healthz'), await status('/readyz'), await status('/metrics')]).toEqual([200, 200, 403])
})

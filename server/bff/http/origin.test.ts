// Goal: no other site can write, and no other name reaches us. Method: each write route of the contract × each bad head;
// nothing may be stored.
import type { RouteKey } from '@rebootless/shared/contract/routes.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { dumpDatabase } from '../database/test-dump.ts'
import { ADMIN_PASSWORD, startTestBackend, type TestBackend } from '../test-backend.ts'
import { allowedHostNames, hostNameOf } from './origin-guard.ts'
import { methodOf, pathOf, routeKeys } from './test-routes.ts'

let database: TestDatabase
let backend: TestBackend
let cookie: string
beforeAll(async () => {
  database = await createTestDatabase()
  backend = await startTestBackend(database)
  cookie = await backend.signIn()
})
afterAll(async () => {
  await backend.close()
  await database.drop()
})

const BODIES: Partial<Record<RouteKey, object>> = {
  'POST /api/v1/session': { username: 'admin', password: ADMIN_PASSWORD },
  'POST /api/v1/session/link': { token: 'x' },
  'POST /api/v1/enrolment-tokens': {},
}
const writes = routeKeys.filter((key) => methodOf(key) !== 'GET')

/** All but the audit log, which tells of refused attempts as well. */
const rows = async () => {
  // The backend's own: who of several drives rollouts is written each second, the audit log is signed each minute.
  const { audit: _audit, audit_heads: _heads, leases: _leases, ...others } = await dumpDatabase(database.kysely)
  return others
}

const heads: { what: string; headers: Record<string, string | null> }[] = [
  { what: 'a form', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
  { what: 'multipart', headers: { 'content-type': 'multipart/form-data; boundary=x' } },
  { what: 'text/plain', headers: { 'content-type': 'text/plain' } },
  { what: 'JSON that is text', headers: { 'content-type': 'text/plain; application/json' } },
  { what: 'no type', headers: { 'content-type': null } },
  { what: 'a foreign origin', headers: { origin: 'https://evil.example' } },
  { what: 'a null origin', headers: { origin: 'null' } },
  { what: 'no origin', headers: { origin: null } },
  { what: 'our origin by TLS, which this is not', headers: { origin: 'https://127.0.0.1' } },
  { what: 'another port of this machine', headers: { origin: 'http://127.0.0.1:1' } },
  { what: 'another site by Sec-Fetch-Site', headers: { 'sec-fetch-site': 'cross-site' } },
  { what: 'a sibling site', headers: { 'sec-fetch-site': 'same-site' } },
  { what: 'a rebound name', headers: { host: 'evil.example', origin: 'http://evil.example' } },
  { what: 'a name that only begins like ours', headers: { host: '127.0.0.1.evil.example' } },
]

describe('T02 writes', () => {
  test.each(writes)('%s from elsewhere is refused, and changes no row', async (key) => {
    const before = await rows()
    for (const { what, headers } of heads) {
      // A body is always there, so that the type of a route that takes none counts as well.
      const answer = await backend.call(methodOf(key), pathOf(key), { cookie, body: BODIES[key] ?? {}, headers })
      expect([what, answer.status, answer.json().type]).toEqual([what, 403, '/problems/origin_refused'])
    }
    expect(await rows()).toEqual(before)
  })

  test('a token in a page of another site is refused as a cookie is', async () => {
    const { text } = await backend.call('POST', '/api/v1/tokens', {
      cookie,
      body: { name: 'script', role: 'admin', validDays: 1 },
    })
    const authorization = `Bearer ${(JSON.parse(text) as { token: string }).token}`
    const call = (headers: Record<string, string | null>) =>
      backend.call('POST', '/api/v1/enrolment-tokens', { body: {}, headers: { authorization, ...headers } })
    for (const headers of [{ origin: 'https://evil.example' }, { origin: null, 'sec-fetch-site': 'cross-site' }]) {
      expect((await call(headers)).json()).toMatchObject({ status: 403, type: '/problems/origin_refused' })
    }
    expect((await call({ origin: null, 'sec-fetch-site': null })).status).toBe(201)
  })

  test('our own pages may write, also by a browser without Sec-Fetch-Site', async () => {
    const headers = { 'sec-fetch-site': null }
    expect((await backend.call('POST', '/api/v1/enrolment-tokens', { cookie, body: {}, headers })).status).toBe(201)
  })
})

describe('T02 reads', () => {
  test.each(
    // Its state, nonce and verifier stand in a cookie until the provider has sent the person back.
    routeKeys.filter((key) => methodOf(key) === 'GET' && !/oidc\/callback$|events$/.test(key)),
  )('%s changes no row', async (key) => {
    // A session's last use is written when the one before lies a minute back; this takes that first.
    await backend.call('GET', '/api/v1/session', { cookie })
    const before = await rows()
    await backend.call('GET', pathOf(key), { cookie })
    expect(await rows()).toEqual(before)
  })

  test('a rebound name reads nothing, pages and health included', async () => {
    for (const path of ['/', '/healthz', '/metrics', '/api/v1/hosts', '/api/v1/openapi.json', '/docs']) {
      const answer = await backend.call('GET', path, { cookie, headers: { host: 'evil.example' } })
      expect([path, answer.status]).toEqual([path, 403])
    }
  })
  test('no answer invites another site', async () => {
    const answer = await backend.call('GET', '/api/v1/hosts', { cookie, headers: { origin: 'https://evil.example' } })
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
    const preflight = await backend.call('OPTIONS', '/api/v1/session', {
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(preflight.status).toBeGreaterThanOrEqual(400)
  })
})

test.each([
  ['127.0.0.1:8080', '127.0.0.1'],
  ['LOCALHOST', 'localhost'],
  ['[::1]:8080', '[::1]'],
  ['a b', undefined],
  ['user@127.0.0.1', undefined],
  ['127.0.0.1:8080:1', undefined],
  ['', undefined],
])('hostNameOf(%s) is %s', (header, name) => {
  expect(hostNameOf(header)).toBe(name)
})

test('a server on all addresses answers to loopback and the names it was given, not to 0.0.0.0', () => {
  expect([...allowedHostNames({ host: '0.0.0.0', publicHosts: ['fleet.example'] })]).toEqual([
    '127.0.0.1',
    'localhost',
    '[::1]',
    'fleet.example',
  ])
})

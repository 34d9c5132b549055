// Goal: a script holds no more than its creator does at this moment, and never what needs a person. Method: real
// backends; tokens of each role, and creators who lose theirs.
import { randomUUID } from 'node:crypto'
import type { RouteDefinition } from '@rebootless/shared/contract/route.ts'
import { type RouteKey, routes } from '@rebootless/shared/contract/routes.ts'
import { isScopeWithin, joinScopes } from '@rebootless/shared/domain/scope-within.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { startTestBackend, type TestAnswer, type TestBackend } from '../test-backend.ts'
import { createApiTokens } from './api-tokens.ts'
import { addPerson, auditOf, type TestPerson } from './test-people.ts'

const DAY_MS = 24 * 60 * 60_000
let database: TestDatabase
let backend: TestBackend
let admin: string
let names = 0
beforeAll(async () => {
  database = await createTestDatabase()
  backend = await startTestBackend(database)
})
beforeEach(async () => {
  admin = await backend.signIn()
})
afterAll(async () => {
  await backend.close()
  await database.drop()
})

const add = (role: 'viewer' | 'operator' | 'approver' | 'admin', scope: string | null = null): Promise<TestPerson> => {
  names += 1
  return addPerson(backend, admin, `creator-${names}`, role, scope)
}
const create = (cookie: string, body: object) =>
  backend.call('POST', '/api/v1/tokens', { cookie, body: { name: 'a script', role: 'viewer', validDays: 30, ...body } })
const tokenFrom = async (cookie: string, body: object = {}) =>
  (await create(cookie, body)).json<{ token: string; item: { id: string } }>()
const by = (token: string, method: string, path: string, body?: object): Promise<TestAnswer> =>
  backend.call(method, path, {
    headers: { authorization: `Bearer ${token}`, origin: null, 'sec-fetch-site': null },
    ...(body === undefined ? {} : { body }),
  })
const change = (id: string, body: object) =>
  backend.call('PATCH', `/api/v1/users/${id}`, { cookie: admin, body: { reason: 'test', ...body } })
const bare = ({ status, text }: TestAnswer) => [status, text.replace(/"requestId":"[^"]*"/, '')]

describe('T11 an API token', () => {
  test('is shown once, hashed, found by secret scanners, and ends', async () => {
    const own = await startTestBackend(database)
    const { token, item } = await tokenFrom(admin, { role: 'admin', validDays: 365 })
    expect(token).toMatch(/^rbl_[A-Za-z0-9_-]{43}$/)
    const rows = JSON.stringify(await database.kysely.selectFrom('api_tokens').selectAll().execute())
    expect(rows).not.toContain(token.slice(4))
    const listed = await backend.call('GET', '/api/v1/tokens', { cookie: admin })
    expect(listed.text).not.toContain(token.slice(4))
    expect(listed.json<{ items: object[] }>().items).toContainEqual(
      expect.objectContaining({ ...item, lastUsedAt: null }),
    )
    expect((await by(token, 'GET', '/api/v1/session')).json()).toMatchObject({
      username: 'admin',
      by: 'token',
      authenticatedAt: null,
    })
    const after = await backend.call('GET', '/api/v1/tokens', { cookie: admin })
    expect(after.json<{ items: { lastUsedAt: string }[] }>().items[0]?.lastUsedAt).toMatch(/Z$/)
    own.clock.advance(365 * DAY_MS)
    const late = await own.call('GET', '/api/v1/session', { headers: { authorization: `Bearer ${token}` } })
    expect(late.status).toBe(401)
    await own.close()
  })

  test('ends everywhere when it is ended', async () => {
    const { token, item } = await tokenFrom(admin)
    expect(
      (await backend.call('DELETE', `/api/v1/tokens/${item.id}`, { cookie: admin, body: { reason: 'leaked' } })).status,
    ).toBe(204)
    expect((await by(token, 'GET', '/api/v1/session')).status).toBe(401)
    const actions = (await auditOf(database.kysely)).slice(-2).map(({ action }) => action)
    expect(actions).toEqual(['token.create', 'token.end'])
  })

  test.each([
    [{ validDays: 366 }, 400],
    [{ validDays: 0 }, 400],
    [{ role: 'admin' }, 403],
    [{ role: 'approver' }, 403],
    [{ scope: null }, 403],
    [{ scope: 'label.env:prod' }, 403],
    [{ scope: 'label.env:staging,prod' }, 403],
    [{ scope: '-label.env:staging' }, 403],
    [{ scope: 'name:web*' }, 400],
    [{ scope: 'label.env:staging' }, 201],
    [{ scope: 'label.team:web label.env:staging', role: 'operator' }, 201],
  ])('of an operator of label.env:staging, with %j, is %i', async (body, status) => {
    const { cookie } = await add('operator', 'label.env:staging')
    expect((await create(cookie, { scope: 'label.env:staging', ...body })).status).toBe(status)
  })

  test('shrinks with its creator’s role and hosts, and ends for good when he is disabled', async () => {
    const creator = await add('admin')
    const { token } = await tokenFrom(creator.cookie, { role: 'admin', scope: 'label.team:web' })
    const rights = async () => {
      const { role, scope, type } = (await by(token, 'GET', '/api/v1/session')).json<Record<string, unknown>>()
      return type ?? [role, scope]
    }
    expect(await rights()).toEqual(['admin', 'label.team:web'])
    await change(creator.id, { role: 'operator' })
    expect(await rights()).toEqual(['operator', 'label.team:web'])
    await change(creator.id, { scope: 'label.env:staging' })
    expect(await rights()).toEqual(['operator', 'label.team:web label.env:staging'])
    await change(creator.id, { disabled: true })
    expect(await rights()).toBe('/problems/not_signed_in')
    await change(creator.id, { disabled: false })
    expect(await rights()).toBe('/problems/not_signed_in')
  })

  test('T01 what it has open ends when it may do less, and goes on when nothing changed', async () => {
    const creator = await add('operator')
    const { token } = await tokenFrom(creator.cookie, { role: 'operator' })
    const tokens = createApiTokens(database.kysely, backend.clock)
    const key = (await tokens.find(token))?.sessionHash ?? ''
    const isAlive = async () => (await tokens.alive([key])).has(key)
    expect(await isAlive()).toBe(true)
    await change(creator.id, { role: 'approver' })
    expect(await isAlive()).toBe(true)
    await change(creator.id, { scope: 'label.env:staging' })
    expect(await isAlive()).toBe(false)
  })

  test('needs a token’s own audience: a route with a role that it has not is refused', async () => {
    const { token } = await tokenFrom(admin, { role: 'viewer' })
    expect((await by(token, 'GET', '/api/v1/hosts')).status).toBe(200)
    expect((await by(token, 'GET', '/api/v1/users')).status).toBe(403)
    expect((await by(token, 'POST', '/api/v1/enrolment-tokens', {})).status).toBe(403)
  })

  test('writes without Origin, and its writes carry its name in the audit log', async () => {
    const { token, item } = await tokenFrom(admin, { role: 'admin' })
    expect((await by(token, 'POST', '/api/v1/enrolment-tokens', {})).status).toBe(201)
    const last = (await auditOf(database.kysely, 'enrolment_token.create')).at(-1)
    expect(last?.entry).toMatchObject({ actor: { kind: 'token', id: item.id, name: 'admin: a script' } })
  })

  const forPeople = (Object.keys(routes) as RouteKey[]).filter(
    (key) => (routes[key] as RouteDefinition).by === 'person',
  )
  test('may not do what needs a person: users, sessions, tokens and approvals are among it', async () => {
    for (const key of ['POST /api/v1/users', 'POST /api/v1/tokens', 'PUT /api/v1/session/password'] as const) {
      expect(forPeople).toContain(key)
    }
    const { token } = await tokenFrom(admin, { role: 'admin' })
    for (const key of forPeople) {
      const [method = '', path = ''] = key.split(' ')
      const { body }: RouteDefinition = routes[key]
      const answer = await by(
        token,
        method,
        path.replace(/:\w+/g, () => randomUUID()),
        body === undefined ? undefined : {},
      )
      expect([key, answer.status, answer.json().type]).toEqual([key, 403, '/problems/not_authorised'])
    }
  })

  test.each([
    ['with a cookie beside it', (token: string) => ({ authorization: `Bearer ${token}`, cookie: admin })],
    ['as a cookie', (token: string) => ({ cookie: `rebootless=${token}` })],
    ['under another scheme', (token: string) => ({ authorization: `Basic ${token}` })],
    ['twice', (token: string) => ({ authorization: `Bearer ${token}, Bearer ${token}` })],
    ['without its prefix', (token: string) => ({ authorization: `Bearer ${token.slice(4)}` })],
    ['with one letter more', (token: string) => ({ authorization: `Bearer ${token}A` })],
    ['empty', () => ({ authorization: '' })],
  ])('%s is nobody', async (_what, headers) => {
    const { token } = await tokenFrom(admin, { role: 'admin' })
    expect((await backend.call('GET', '/api/v1/hosts', { headers: headers(token) })).status).toBe(401)
  })

  test('T07 of another answers as a made-up one does', async () => {
    const [owner, other] = [await add('operator'), await add('admin', 'label.env:staging')]
    const { token, item } = await tokenFrom(owner.cookie)
    const end = (id: string) =>
      backend.call('DELETE', `/api/v1/tokens/${id}`, { cookie: other.cookie, body: { reason: 'leaked' } })
    const [real, random] = [await end(item.id), await end(randomUUID())]
    expect(real.status).toBe(404)
    expect(bare(real)).toEqual(bare(random))
    const list = (user: string) => backend.call('GET', `/api/v1/tokens?user=${user}`, { cookie: other.cookie })
    expect(bare(await list(owner.id))).toEqual(bare(await list(randomUUID())))
    expect((await by(token, 'GET', '/api/v1/session')).status).toBe(200)
    const all = await backend.call('GET', '/api/v1/tokens?user=all', { cookie: admin })
    expect(all.json<{ items: { id: string }[] }>().items.map(({ id }) => id)).toContain(item.id)
  })
})

test.each([
  ['label.env:a', 'label.env:a', true],
  ['label.env:a label.team:b', 'label.team:b', true],
  ['label.team:b', 'label.env:a label.team:b', false],
  ['label.env:a', 'label.env:a,b', false],
  ['label.env:a', null, true],
  [null, 'label.env:a', false],
  [null, null, true],
])('isScopeWithin(%j, %j) is %j', (inner, outer, within) => {
  expect(isScopeWithin(inner, outer)).toBe(within)
  expect(isScopeWithin(joinScopes(inner, outer), outer)).toBe(true)
  expect(isScopeWithin(joinScopes(inner, outer), inner)).toBe(true)
})

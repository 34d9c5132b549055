// Goal: every route is reached by whom the contract names and by nobody else. Method: the matrix is generated from the
// route table, and each cell is one call of a real backend.
import { Problem } from '@rebootless/shared/contract/problem.ts'
import type { RouteDefinition } from '@rebootless/shared/contract/route.ts'
import { type RouteKey, routes } from '@rebootless/shared/contract/routes.ts'
import { ROLES } from '@rebootless/shared/domain/words.ts'
import express from 'express'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { startTestBackend, type TestAnswer, type TestBackend } from '../test-backend.ts'
import { authorise, isDecision } from './authorise.ts'
import type { Handlers } from './call.ts'
import { mountRoutes } from './mount-routes.ts'
import { signInAs } from './test-users.ts'

const CALLERS = ['nobody', ...ROLES, 'ended session', 'made-up session'] as const
type Caller = (typeof CALLERS)[number]
const keys = Object.keys(routes) as RouteKey[]

let database: TestDatabase
let backend: TestBackend
const cookies = new Map<Caller, string>()
beforeAll(async () => {
  database = await createTestDatabase()
  backend = await startTestBackend(database)
  for (const role of ROLES) cookies.set(role, await signInAs(database.kysely, role))
  cookies.set('made-up session', `rebootless=${'A'.repeat(43)}`)
  const ended = await signInAs(database.kysely, 'admin')
  await backend.call('DELETE', '/api/v1/session', { cookie: ended })
  cookies.set('ended session', ended)
})
afterAll(async () => {
  await backend.close()
  await database.drop()
})

const UNKNOWN_HOST = '5f0c1d6e-0000-4000-8000-000000000000'
const callRoute = (key: RouteKey, caller: Caller): Promise<TestAnswer> => {
  const [method = '', path = ''] = key.split(' ')
  const definition: RouteDefinition = routes[key]
  const cookie = cookies.get(caller)
  return backend.call(method, path.replace(':id', UNKNOWN_HOST), {
    ...(cookie === undefined ? {} : { cookie }),
    ...(definition.body === undefined ? {} : { body: {} }),
  })
}

const matrix = keys
  // A stream does not end by itself, and signing out would end the caller's session; both have their own tests.
  .filter((key) => key !== 'GET /api/v1/events' && key !== 'DELETE /api/v1/session')
  .flatMap((key) => CALLERS.map((caller) => ({ key, caller })))

describe('T06 the authorisation matrix', () => {
  test.each(matrix)('$key by $caller', async ({ key, caller }) => {
    const { roles }: RouteDefinition = routes[key]
    const answer = await callRoute(key, caller)
    const isRole = (word: string): word is (typeof ROLES)[number] => ROLES.some((role) => role === word)
    if (roles === 'anyone') expect([400, 401]).toContain(answer.status)
    else if (!isRole(caller)) expect(answer.json()).toMatchObject({ status: 401, type: '/problems/not_signed_in' })
    else if (!roles.includes(caller))
      expect(answer.json()).toMatchObject({ status: 403, type: '/problems/not_authorised' })
    else expect([200, 201, 404]).toContain(answer.status)
    if (answer.status >= 400) Problem.parse(answer.json())
  })

  test.each(['nobody', 'ended session'] as const)('%s follows no events and signs nobody out', async (caller) => {
    expect((await callRoute('GET /api/v1/events', caller)).status).toBe(401)
    expect((await callRoute('DELETE /api/v1/session', caller)).status).toBe(401)
  })
})

describe('T06 what is not declared is denied', () => {
  const options = {
    findSignedIn: async () => null,
    now: () => new Date(),
    hostInScope: async () => false,
    cookies: () => ({ set: () => undefined, clear: () => undefined }),
  }
  test.each([{ roles: undefined }, { roles: [] }, { roles: 'everyone' }])(
    'a route with %o does not mount',
    ({ roles }) => {
      const table = {
        ...routes,
        'GET /api/v1/hosts': { ...routes['GET /api/v1/hosts'], roles },
      } as unknown as typeof routes
      expect(() => mountRoutes(express(), table, {} as Handlers, options)).toThrow(/does not say who may use it/)
    },
  )
  test('only a decision counts as one', () => {
    expect(isDecision(authorise('anyone', null))).toBe(true)
    for (const forged of [null, undefined, true, {}, { decided: true }, { signedIn: null }]) {
      expect(isDecision(forged)).toBe(false)
    }
  })
})

test('T07 an unknown host and one that never was answer alike on each of its pages', async () => {
  const cookie = cookies.get('viewer') ?? ''
  for (const page of ['', '/raw', '/transition', '/redirections']) {
    const [one, other] = await Promise.all(
      [UNKNOWN_HOST, '5f0c1d6e-0000-4000-8000-000000000001'].map((id) =>
        backend.call('GET', `/api/v1/hosts/${id}${page}`, { cookie }),
      ),
    )
    const bare = (answer?: TestAnswer) => answer?.text.replace(/"requestId":"[^"]*"/, '')
    expect(one?.status).toBe(404)
    expect(bare(one)).toBe(bare(other))
  }
})

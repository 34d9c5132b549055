// Goal: what belongs to others answers as what is not there, and no answer holds more than the contract says. Method: a
// real backend with objects of several people; whole answers are compared, byte by byte.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { routes } from '@rebootless/shared/contract/routes.ts'
import express from 'express'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { startTestBackend, type TestAnswer, type TestBackend } from '../test-backend.ts'
import type { Handlers } from './call.ts'
import { errorHandler } from './errors.ts'
import { mountRoutes } from './mount-routes.ts'
import { createTestCallers } from './test-callers.ts'
import { definitionOf, methodOf, NOWHERE, pathOf, routeKeys } from './test-routes.ts'
import { signInAs } from './test-users.ts'

let database: TestDatabase
let backend: TestBackend
beforeAll(async () => {
  database = await createTestDatabase()
  backend = await startTestBackend(database)
  await createTestCallers(database.kysely)
})
afterAll(async () => {
  await backend.close()
  await database.drop()
})

/** All of an answer but what tells one request from another. */
const bare = (answer: TestAnswer | undefined): string => {
  if (answer === undefined) throw new Error('no answer')
  const { date: _date, 'x-request-id': _id, ...headers } = answer.headers
  return JSON.stringify([answer.status, headers, answer.text.replace(/"requestId":"[^"]*"/, '')])
}

describe('T07 objects of others', () => {
  test('an unknown host and one that never was answer alike on each route', async () => {
    const cookie = await signInAs(database.kysely, 'admin')
    for (const key of routeKeys.filter((each) => definitionOf(each).scope === 'host' && methodOf(each) === 'GET')) {
      const [one, other] = await Promise.all(
        [NOWHERE, '5f0c1d6e-0000-4000-8000-000000000001'].map((id) => backend.call('GET', pathOf(key, id), { cookie })),
      )
      expect([key, one?.status]).toEqual([key, 404])
      expect(bare(one)).toBe(bare(other))
    }
  })

  test.each([
    ['DELETE /api/v1/sessions/:id', 'sessions'],
    ['DELETE /api/v1/tokens/:id', 'api_tokens'],
  ] as const)('%s of another answers as of none, and ends nothing', async (key, table) => {
    const ids = (await database.kysely.selectFrom(table).select('id').where('ended_at', 'is', null).execute()).map(
      ({ id }) => id,
    )
    expect(ids.length).toBeGreaterThan(3)
    for (const role of ['viewer', 'operator', 'approver'] as const) {
      const body = definitionOf(key).body === undefined ? {} : { body: { reason: 'test' } }
      const init = { cookie: await signInAs(database.kysely, role), ...body }
      const missing = await backend.call('DELETE', pathOf(key), init)
      expect(missing.status).toBe(404)
      for (const id of ids) expect(bare(await backend.call('DELETE', pathOf(key, id), init))).toBe(bare(missing))
    }
    const rows = await database.kysely
      .selectFrom(table)
      .select('id')
      .where('ended_at', 'is', null)
      .where('id', 'in', ids)
      .execute()
    expect(rows.length).toBe(ids.length)
  })

  test('what a handler gives beside the contract never leaves', async () => {
    const cookie = await signInAs(database.kysely, 'viewer')
    const declared = (await backend.call('GET', '/api/v1/session', { cookie })).json()
    const app = express()
    const definition = { ...routes['GET /api/v1/session'], roles: 'anyone' }
    const table = { 'GET /api/v1/session': definition } as unknown as typeof routes
    const give = async () => ({ ...declared, passwordHash: 'canary-hash' })
    mountRoutes(app, table, { 'GET /api/v1/session': give } as unknown as Handlers, {
      findSignedIn: async () => null,
      now: () => new Date(),
      hostInScope: async () => false,
      cookies: () => ({ set: () => undefined, clear: () => undefined }),
    })
    app.use(errorHandler(pino({ level: 'silent' })))
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/session`)
    expect(await answer.text()).not.toContain('canary-hash')
    server.close()
  })
})

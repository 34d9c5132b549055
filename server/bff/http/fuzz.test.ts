// Goal: whatever is sent to any route, the answer is one of the contract's, and nobody gains a right. Method: fast-check
// writes parameters, queries and bodies from each route's own schemas and spoils them; a real backend answers an admin.
import { Problem } from '@rebootless/shared/contract/problem.ts'
import type { RouteKey } from '@rebootless/shared/contract/routes.ts'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { enrolTestHost } from '../ingest/test-host.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'
import { hostileWord, nearly } from './test-arbitrary.ts'
import { definitionOf, methodOf, pathOf, routeKeys } from './test-routes.ts'
import { signInAs } from './test-users.ts'

let database: TestDatabase
let backend: TestBackend
let hostId: string
beforeAll(async () => {
  database = await createTestDatabase()
  backend = await startTestBackend(database)
  hostId = await enrolTestHost(database.kysely)
})
afterAll(async () => {
  await backend.close()
  await database.drop()
})

const RUNS = 25
const escaped = (text: string) => encodeURIComponent(text.replace(/[\ud800-\udfff]/g, '\ufffd'))
const queryText = (query: unknown): string => {
  if (typeof query !== 'object' || query === null) return ''
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map(
      (one) => `${escaped(name)}=${escaped(String(JSON.stringify(one)).replace(/^"|"$/g, ''))}`,
    ),
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`.slice(0, 3_000)
}

const requests = (key: RouteKey) => {
  const { body, query } = definitionOf(key)
  return fc.record({
    id: fc.option(hostileWord, { freq: 1 }),
    query:
      query === undefined
        ? fc.option(fc.dictionary(hostileWord, hostileWord, { maxKeys: 1 }), { freq: 4 })
        : nearly(query),
    body: body === undefined ? fc.constant(undefined) : nearly(body),
  })
}

describe('T08 whatever is sent, the answer is 2xx, a redirect of ours, or a 4xx problem', () => {
  // A stream does not end by itself, and signing out would end the caller's session.
  const keys = routeKeys.filter((key) => definitionOf(key).media !== 'events' && key !== 'DELETE /api/v1/session')
  test.each(keys)('%s', async (key) => {
    const cookie = await signInAs(database.kysely, 'admin')
    const approver = await signInAs(database.kysely, 'approver')
    const { roles, body, requestMedia } = definitionOf(key)
    const allowed = roles !== 'anyone' && !roles.includes('admin') ? approver : cookie
    await fc.assert(
      fc.asyncProperty(requests(key), async (sent) => {
        const path =
          sent.id === null
            ? pathOf(key, hostId)
            : pathOf(key).replace(/[0-9a-f-]{36}|[0-9a-f]{64}/, escaped(sent.id).slice(0, 500))
        const text = body === undefined ? undefined : (JSON.stringify(sent.body) ?? 'undefined')
        const octets =
          requestMedia === 'octets'
            ? { text: 'not a module', headers: { 'content-type': 'application/octet-stream' } }
            : {}
        const answer = await backend.call(methodOf(key), path + queryText(sent.query), {
          cookie: allowed,
          ...(text === undefined ? octets : { text }),
        })
        if (answer.status < 400) {
          expect([definitionOf(key).status, 200]).toContain(answer.status)
          return
        }
        expect([answer.status < 500, answer.text]).toEqual([true, answer.text])
        Problem.parse(answer.json())
      }),
      { numRuns: RUNS, interruptAfterTimeLimit: 4_000 },
    )
  })

  test('and the first user is who he was', async () => {
    const row = await database.kysely.selectFrom('users').selectAll().where('username', '=', 'admin').executeTakeFirst()
    expect(row).toMatchObject({ role: 'admin', scope: null, disabled_at: null })
    const made = await database.kysely.selectFrom('enrolment_tokens').select('created_by').execute()
    expect(made.every(({ created_by }) => /^admin/.test(created_by))).toBe(true)
  })
})

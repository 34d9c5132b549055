// Goal: bad input is a clear refusal, never a fault of ours. Method: a table of bad requests, then fast-check from the
// contract's own routes with mutations.

import { connect } from 'node:net'
import { Problem } from '@rebootless/shared/contract/problem.ts'
import type { RouteDefinition } from '@rebootless/shared/contract/route.ts'
import { type RouteKey, routes } from '@rebootless/shared/contract/routes.ts'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { enrolTestHost } from '../ingest/test-host.ts'
import { startTestBackend, type TestBackend, type TestCall } from '../test-backend.ts'

let database: TestDatabase
let backend: TestBackend
let cookie: string
let hostId: string
beforeAll(async () => {
  database = await createTestDatabase()
  backend = await startTestBackend(database)
  cookie = await backend.signIn()
  hostId = await enrolTestHost(database.kysely)
})
afterAll(async () => {
  await backend.close()
  await database.drop()
})

const enrolment = (init: TestCall) => backend.call('POST', '/api/v1/enrolment-tokens', { cookie, ...init })

describe('T08 bad requests', () => {
  test.each([
    ['/api/v1/hosts?filter=sate:x', 400, 'filter_invalid', /no filter key “sate”.*Did you mean state\?/],
    ['/api/v1/hosts?filter=state:stalld', 400, 'filter_invalid', /Did you mean stalled\?/],
    ['/api/v1/hosts?cursor=abc', 400, 'cursor_invalid', /begin at the first page/],
    ['/api/v1/hosts?limit=0', 400, 'query_invalid', /limit is not valid/],
    ['/api/v1/hosts?limit=501', 400, 'query_invalid', /limit is not valid/],
    ['/api/v1/hosts?limit=ten', 400, 'query_invalid', /limit is not valid/],
    ['/api/v1/hosts?sort=colour', 400, 'query_invalid', /sort is not valid/],
    ['/api/v1/hosts?colour=red', 400, 'query_invalid', /colour is not known here/],
    ['/api/v1/hosts?sort=name&sort=state', 400, 'query_invalid', /sort is given twice/],
    ['/api/v1/hosts?__proto__=1', 400, 'query_invalid', /not known here/],
    ['/api/v1/hosts?limit[]=1', 400, 'query_invalid', /limit\[\] is not known here/],
    ['/api/v1/fleet/summary?x=1', 400, 'query_invalid', /takes no query/],
    ['/api/v1/hosts/not-a-uuid', 400, 'query_invalid', /id is not valid/],
    ['/api/v1/hosts/%zz', 400, 'query_invalid', /%25/],
    ['/api/v1/nothing', 404, 'route_not_found', /openapi\.json/],
    ['/api/v1/hosts/', 404, 'route_not_found', /openapi\.json/],
    [`/api/v1/hosts?filter=${'x'.repeat(1001)}`, 400, 'query_invalid', /filter is not valid/],
    [`/api/v1/hosts?filter=${'x'.repeat(5000)}`, 414, 'uri_too_long', /shorter filter/],
  ])('GET %.60s is %i %s', async (path, status, code, detail) => {
    const answer = await backend.call('GET', path, { cookie })
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(Problem.parse(answer.json())).toMatchObject({ status, type: `/problems/${code}` })
    expect(answer.json().detail).toMatch(detail)
    expect(answer.status).toBe(status)
  })

  test.each([
    [{ text: '{' }, 400, 'body_invalid'],
    [{ text: 'null' }, 400, 'body_invalid'],
    [{ text: '[]' }, 400, 'body_invalid'],
    [{ text: '{"__proto__":{"role":"admin"}}' }, 400, 'body_invalid'],
    [{ text: '{"labels":{"constructor":"x"}}' }, 400, 'body_invalid'],
    [{ body: { validMinutes: '60' } }, 400, 'body_invalid'],
    [{ body: { validMinutes: 61 } }, 400, 'body_invalid'],
    [{ body: { labels: { env: 1 } } }, 400, 'body_invalid'],
    [{ body: { labels: { env: 'a\0b' } } }, 400, 'body_invalid'],
    [{ body: { labels: { env: 'a\ud800b' } } }, 400, 'body_invalid'],
    [{ text: '{"labels":{"env":"\\udc00"}}' }, 400, 'body_invalid'],
    [{ body: { createdBy: 'someone' } }, 400, 'body_invalid'],
    [{ body: { labels: { env: 'x'.repeat(70_000) } } }, 413, 'body_too_large'],
    [{ body: {}, headers: { 'content-encoding': 'gzip' } }, 415, 'media_type_unsupported'],
    [{ body: {}, headers: { 'content-encoding': 'rot13' } }, 415, 'media_type_unsupported'],
  ])('POST enrolment-tokens %o is %i %s', async (init, status, code) => {
    const answer = await enrolment(init)
    expect(Problem.parse(answer.json())).toMatchObject({ status, type: `/problems/${code}` })
  })

  test('a role or an author is never taken from a body', async () => {
    await enrolment({ body: { role: 'viewer', created_by: 'x' } })
    const rows = await database.kysely.selectFrom('enrolment_tokens').select('created_by').execute()
    expect(rows.every((row) => row.created_by === 'admin')).toBe(true)
  })

  test('another method is told which there are', async () => {
    const answer = await backend.call('DELETE', '/api/v1/hosts', { cookie })
    expect(answer.json()).toMatchObject({ status: 405, type: '/problems/method_not_allowed' })
    expect(answer.headers.allow).toBe('GET, HEAD')
  })

  test('T09 headers over the limit are 431, and what is no HTTP is 400, as problems', async () => {
    const raw = (text: string) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(backend.port, '127.0.0.1', () => socket.write(text))
        let answer = ''
        socket.setEncoding('utf8').on('data', (part) => {
          answer += part
        })
        socket.on('end', () => resolve(answer)).on('error', reject)
      })
    expect(await raw(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 [\s\S]*application\/problem\+json[\s\S]*send less/,
    )
    expect(await raw('HELLO\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [\s\S]*application\/problem\+json/)
  })
})

/** Text that breaks parsers, and what the routes really take, so that mutations reach deep. */
const word = fc.oneof(
  fc.constantFrom(
    '\0',
    '\ud800',
    '%',
    '*',
    '"',
    "'; drop table hosts; --",
    '\\',
    'state:stalled',
    'name:"',
    '-',
    'label.a:*',
  ),
  fc.constantFrom('name', '-lastSeen', '1', '500', '-1', '1e3', 'NaN', 'true', '__proto__', 'admin'),
  fc.string({ unit: 'binary', maxLength: 40 }),
)
const queryKey = fc.oneof(fc.constantFrom('filter', 'sort', 'limit', 'cursor'), word)
const mutatedBody = fc.oneof(
  fc.record(
    {
      validMinutes: fc.oneof(fc.integer(), fc.jsonValue()),
      labels: fc.oneof(fc.dictionary(word, word), fc.jsonValue()),
    },
    { requiredKeys: [] },
  ),
  fc.record({ username: word, password: word, token: word }, { requiredKeys: [] }),
  fc.jsonValue(),
)

test('T08 whatever is sent, the answer is 2xx or a 4xx problem', async () => {
  const keys = (Object.keys(routes) as RouteKey[]).filter(
    // These end or hold what the test stands on.
    (key) => key !== 'GET /api/v1/events' && key !== 'DELETE /api/v1/session',
  )
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...keys),
      fc.option(word),
      fc.array(fc.tuple(queryKey, word), { maxLength: 3 }),
      mutatedBody,
      async (key, id, query, body) => {
        const [method = '', path = ''] = key.split(' ')
        const definition: RouteDefinition = routes[key]
        const escaped = (text: string) => encodeURIComponent(text.toString().replace(/[\ud800-\udfff]/g, '\ufffd'))
        const search = query.map(([name, value]) => `${escaped(name)}=${escaped(value)}`).join('&')
        const target = `${path.replace(':id', id === null ? hostId : escaped(id))}${search === '' ? '' : `?${search}`}`
        const answer = await backend.call(method, target, {
          cookie,
          ...(definition.body === undefined ? {} : { body }),
        })
        if (answer.status >= 200 && answer.status < 300) return
        expect(answer.status).toBeLessThan(500)
        expect(answer.status).toBeGreaterThanOrEqual(400)
        Problem.parse(answer.json())
      },
    ),
    { numRuns: 400, interruptAfterTimeLimit: 10_000 },
  )
  const admin = await database.kysely.selectFrom('users').select(['username', 'role']).execute()
  expect(admin).toEqual([{ username: 'admin', role: 'admin' }])
})

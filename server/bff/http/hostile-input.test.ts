// Goal: bad input is a clear refusal, never a fault of ours. Method: tables of bad requests; limits for every route of
// the contract, one byte over.

import { connect } from 'node:net'
import { Problem } from '@rebootless/shared/contract/problem.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { startTestBackend, type TestBackend, type TestCall } from '../test-backend.ts'
import { definitionOf, methodOf, pathOf, routeKeys } from './test-routes.ts'
import { signInAs } from './test-users.ts'

let database: TestDatabase
let backend: TestBackend
let cookie: string
let approver: string
beforeAll(async () => {
  database = await createTestDatabase()
  backend = await startTestBackend(database)
  cookie = await backend.signIn()
  approver = await signInAs(database.kysely, 'approver')
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
    ['/api/v1/hosts?limit=0', 400, 'query_invalid', /limit must be at least 1/],
    ['/api/v1/hosts?limit=501', 400, 'query_invalid', /limit must be at most 500/],
    ['/api/v1/hosts?limit=ten', 400, 'query_invalid', /limit should be a number/],
    ['/api/v1/hosts?sort=colour', 400, 'query_invalid', /sort should be .*, or /],
    ['/api/v1/hosts?colour=red', 400, 'query_invalid', /colour is not known here/],
    ['/api/v1/hosts?sort=name&sort=state', 400, 'query_invalid', /sort is given twice/],
    ['/api/v1/hosts?__proto__=1', 400, 'query_invalid', /not known here/],
    ['/api/v1/hosts?limit[]=1', 400, 'query_invalid', /limit\[\] is not known here/],
    ['/api/v1/fleet/summary?x=1', 400, 'query_invalid', /takes no query/],
    ['/api/v1/hosts/not-a-uuid', 400, 'query_invalid', /id should be an id, as 3f2504e0/],
    ['/api/v1/hosts/%zz', 400, 'query_invalid', /%25/],
    ['/api/v1/nothing', 404, 'route_not_found', /openapi\.json/],
    ['/api/v1/hosts/', 404, 'route_not_found', /openapi\.json/],
    [`/api/v1/hosts?filter=${'x'.repeat(1001)}`, 400, 'query_invalid', /filter is too long: 1000 characters/],
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

  test.each([{ reason: 'a\0b' }, { reason: '\0' }])(
    'a character that the database cannot keep is refused by name: %o',
    async (body) => {
      const answer = await backend.call('POST', '/api/v1/fleet/freeze', { cookie: approver, body })
      expect(Problem.parse(answer.json())).toMatchObject({
        status: 400,
        detail: expect.stringMatching(/^reason holds.*U\+0000/),
      })
    },
  )

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

describe('T09 one byte over', () => {
  const URL_CHARACTERS_MAX = 4_096
  test.each(routeKeys)('in the address of %s is 414', async (key) => {
    const path = pathOf(key)
    const call = (length: number) =>
      backend.call(methodOf(key), `${path}?${'x'.repeat(length - path.length - 1)}`, {
        headers: { 'content-type': 'application/json' },
      })
    expect((await call(URL_CHARACTERS_MAX + 1)).json()).toMatchObject({ status: 414, type: '/problems/uri_too_long' })
    expect((await call(URL_CHARACTERS_MAX)).status).not.toBe(414)
  })

  const withBody = routeKeys.filter((key) => definitionOf(key).body !== undefined)
  const BODY_BYTES_MAX = 64 * 1024
  test('a body is larger than usual on these routes alone', () => {
    const larger = routeKeys.filter((key) => definitionOf(key).bodyBytesMax !== undefined)
    expect(larger).toEqual([
      'POST /api/v1/authorisations',
      'POST /api/v1/rollouts',
      'POST /api/v1/rollouts/preview',
      'POST /api/v1/rollouts/check',
      'POST /api/v1/rollouts/dry-run',
      'POST /api/v1/rollouts/preview/exposure-change',
    ])
  })
  test.each(withBody)('in the body of %s is 413', async (key) => {
    const { bodyBytesMax = BODY_BYTES_MAX } = definitionOf(key)
    const call = (length: number) => {
      const text = JSON.stringify({ x: '' })
      const { roles } = definitionOf(key)
      return backend.call(methodOf(key), pathOf(key), {
        cookie: roles === 'anyone' || roles.includes('admin') ? cookie : approver,
        text: text.replace('""', `"${'x'.repeat(length - text.length)}"`),
      })
    }
    expect((await call(bodyBytesMax + 1)).json()).toMatchObject({ status: 413, type: '/problems/body_too_large' })
    expect((await call(bodyBytesMax)).status).not.toBe(413)
  })

  test.each(routeKeys.filter((key) => methodOf(key) !== 'GET' && definitionOf(key).body === undefined))(
    '%s reads no body that it does not take',
    async (key) => {
      if (definitionOf(key).requestMedia === 'octets') return
      const answer = await backend.call(methodOf(key), pathOf(key), { text: `{"x":"${'x'.repeat(BODY_BYTES_MAX)}"}` })
      expect(answer.status).toBe(401)
    },
  )
})

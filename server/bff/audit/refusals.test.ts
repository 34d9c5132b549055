// Goal: who was refused stands in the log, and nobody fills it by being refused. Method: the budget by itself, then a real
// backend that is asked for what it refuses.
import { AuditEntry } from '@rebootless/shared/contract/audit.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { signInAs } from '../http/test-users.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'
import { REFUSALS, RefusalBudget } from './refusal-budget.ts'

describe('T30 the budget of refusals', () => {
  test('the first of a kind in full, the rest counted, and anew in the next minute', () => {
    const budget = new RefusalBudget<number>()
    const taken = Array.from({ length: 100 }, (_, n) => budget.take('a', n, n)).filter(Boolean)
    expect(taken).toHaveLength(REFUSALS.ofOneKind)
    expect(budget.drain()).toEqual([{ last: 99, count: 100 - REFUSALS.ofOneKind }])
    expect(budget.drain()).toEqual([])
    expect(budget.take('a', 1, 59_999)).toBe(false)
    expect(budget.take('a', 1, 60_000)).toBe(true)
  })
  test('a million kinds are as few entries, none of them uncounted', () => {
    const budget = new RefusalBudget<null>()
    let written = 0
    for (let n = 0; n < 1_000_000; n += 1) if (budget.take(`kind ${n}`, null, 0)) written += 1
    const drained = budget.drain()
    expect(written).toBe(REFUSALS.inAll)
    expect(drained).toHaveLength(REFUSALS.kinds + 1)
    expect(drained.reduce((sum, { count }) => sum + count, 0)).toBe(1_000_000 - written)
  })
})

describe('T30 refused requests', () => {
  let database: TestDatabase
  let backend: TestBackend
  let viewer: string
  let admin: string
  let already: number
  beforeAll(async () => {
    database = await createTestDatabase()
    backend = await startTestBackend(database)
    viewer = await signInAs(database.kysely, 'viewer')
    admin = await signInAs(database.kysely, 'admin')
  })
  afterAll(async () => {
    await backend.close()
    await database.drop()
  })
  const all = async () => {
    const rows = await database.kysely.selectFrom('audit').select('entry').orderBy('sequence').execute()
    return rows
      .map(({ entry }) => AuditEntry.parse(JSON.parse(entry)))
      .filter(({ action }) => action === 'request.refuse')
  }
  beforeEach(async () => {
    already = (await all()).length
  })
  const entries = async () => (await all()).slice(already)

  test('a link that opens nothing is told of, and a wrong password once, with whom it was meant for', async () => {
    await backend.call('POST', '/api/v1/session/link', { body: { token: 'made-up' } })
    await backend.call('GET', '/api/v1/session/oidc/callback?code=x&state=y', { headers: { accept: 'text/html' } })
    await backend.call('POST', '/api/v1/session', { body: { username: 'admin', password: 'wrong' } })
    const found = (await entries()).map(({ target, problem }) => [target?.id, problem])
    expect(found).toEqual([
      ['POST /api/v1/session/link', 'sign_in_refused'],
      ['GET /api/v1/session/oidc/callback', 'sign_in_refused'],
    ])
  })

  test('who asked, for what, from where, and why not', async () => {
    await backend.call('POST', '/api/v1/enrolment-tokens', { cookie: viewer, body: {} })
    expect(await entries()).toEqual([
      expect.objectContaining({
        action: 'request.refuse',
        result: 'refused',
        problem: 'not_authorised',
        target: { kind: 'route', id: 'POST /api/v1/enrolment-tokens', name: null },
        actor: { kind: 'user', id: expect.any(String), name: expect.stringMatching(/^viewer-/), address: '127.0.0.1' },
        requestId: expect.any(String),
      }),
    ])
  })

  test('a read that is denied, and one from elsewhere', async () => {
    await backend.call('GET', '/api/v1/audit', { cookie: viewer })
    await backend.call('DELETE', '/api/v1/session', { cookie: admin, headers: { origin: 'https://elsewhere.example' } })
    expect((await entries()).map(({ problem, target }) => [problem, target?.id])).toEqual([
      ['not_authorised', 'GET /api/v1/audit'],
      ['origin_refused', 'DELETE /api/v1/session'],
    ])
  })

  test('a stranger’s act, but not his look at a page', async () => {
    await backend.call('POST', '/api/v1/enrolment-tokens', { body: {} })
    await backend.call('GET', '/api/v1/hosts')
    expect((await entries()).map(({ actor, problem }) => [actor.id, actor.name, problem])).toEqual([
      [null, 'not signed in', 'not_signed_in'],
    ])
  })

  test('an act of somebody who may, that cannot be done as he says; not a page that is asked for wrongly', async () => {
    await backend.call('POST', '/api/v1/enrolment-tokens', { cookie: admin, body: { nonsense: 1 } })
    await backend.call('GET', '/api/v1/hosts?nonsense=1', { cookie: admin })
    expect((await entries()).map(({ problem }) => problem)).toEqual(['body_invalid'])
  })

  test('a hundred times the same is a few entries', async () => {
    const calls = Array.from({ length: 100 }, () => backend.call('GET', '/api/v1/audit/heads', { cookie: viewer }))
    expect((await Promise.all(calls)).every(({ status }) => status === 403)).toBe(true)
    expect((await entries()).length).toBe(REFUSALS.ofOneKind)
  })

  test('what was only counted is written when the backend ends', async () => {
    const other = await startTestBackend(database)
    const calls = Array.from({ length: 20 }, () => other.call('GET', '/api/v1/audit/chain', { cookie: viewer }))
    await Promise.all(calls)
    await other.close()
    const written = await entries()
    expect(written).toHaveLength(REFUSALS.ofOneKind + 1)
    expect(written.at(-1)).toMatchObject({ problem: 'not_authorised', after: { repeated: 20 - REFUSALS.ofOneKind } })
  })
})

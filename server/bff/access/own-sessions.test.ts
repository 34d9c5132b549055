// Goal: one sees and ends one's own sessions, admins everybody's, and nobody else's are there. Method: two real backends,
// and ids of others beside made-up ones.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { cookieOf, startTestBackend, type TestAnswer, type TestBackend } from '../test-backend.ts'
import { addPerson, auditOf, setPassword, type TestPerson } from './test-people.ts'

const PASSWORD = 'a password of my own'
let database: TestDatabase
let first: TestBackend
let second: TestBackend
let admin: string
let ada: TestPerson
let grace: TestPerson
beforeAll(async () => {
  database = await createTestDatabase()
  first = await startTestBackend(database)
  second = await startTestBackend(database)
  admin = await first.signIn()
  ada = await addPerson(first, admin, 'ada', 'viewer')
  grace = await addPerson(first, admin, 'grace', 'admin', 'label.env:staging')
  await setPassword(first, ada.cookie, PASSWORD)
})
afterAll(async () => {
  await Promise.all([first.close(), second.close()])
  await database.drop()
})

interface Item {
  id: string
  username: string
  current: boolean
  by: string
  address: string
  userAgent: string | null
}
const list = async (cookie: string, query = '') =>
  (await first.call('GET', `/api/v1/sessions${query}`, { cookie })).json<{ items: Item[] }>().items
const WHY = { reason: 'not me' }
const end = (cookie: string, id: string, body: object = WHY) =>
  first.call('DELETE', `/api/v1/sessions/${id}`, { cookie, body })
const signInFrom = async (userAgent: string | null) =>
  cookieOf(
    await second.call('POST', '/api/v1/session', {
      body: { username: 'ada', password: PASSWORD },
      headers: { 'user-agent': userAgent },
    }),
  )
const bare = ({ status, text }: TestAnswer) => [status, text.replace(/"requestId":"[^"]*"/, '')]

describe('sessions', () => {
  test('are told apart by address, client and time, and the one that asks is marked', async () => {
    await signInFrom('Firefox\u001b[31m <script>'.replace('\u001b', '\t'))
    const items = await list(ada.cookie)
    expect(items.map(({ current, by, userAgent, address }) => ({ current, by, userAgent, address }))).toEqual([
      { current: false, by: 'password', userAgent: 'Firefox\t[31m <script>', address: '127.0.0.1' },
      { current: true, by: 'link', userAgent: null, address: '127.0.0.1' },
    ])
  })

  test('T04 T09 a client’s name is kept as text, and cut', async () => {
    const cookie = await signInFrom('x'.repeat(5_000))
    const [item] = (await list(cookie)).filter(({ current }) => current)
    expect(item?.userAgent).toBe('x'.repeat(256))
  })

  test('T31 no answer holds a token or its hash', async () => {
    const { text } = await first.call('GET', '/api/v1/sessions?user=all', { cookie: admin })
    for (const { token_hash } of await database.kysely.selectFrom('sessions').select('token_hash').execute()) {
      expect(text).not.toContain(token_hash)
    }
    expect(text).not.toContain(ada.cookie.replace('rebootless=', ''))
  })

  test('T01 one ended here is ended on every backend', async () => {
    const other = await signInFrom('another browser')
    const [item] = (await list(ada.cookie)).filter(({ userAgent }) => userAgent === 'another browser')
    expect((await end(ada.cookie, item?.id ?? '', {})).status).toBe(400)
    expect((await end(ada.cookie, item?.id ?? '')).status).toBe(204)
    expect((await second.call('GET', '/api/v1/session', { cookie: other })).status).toBe(401)
    expect((await list(ada.cookie)).map(({ id }) => id)).not.toContain(item?.id)
    const [entry] = (await auditOf(database.kysely, 'session.end')).slice(-1)
    expect(entry).toMatchObject({ target: 'ada', result: 'done', entry: WHY })
  })
})

describe('T07 sessions of others', () => {
  test('answer as made-up ones do, to an admin of a part of the fleet too', async () => {
    const [item] = await list(ada.cookie)
    const ofAdmin = (await list(admin)).find(({ current }) => current)
    for (const cookie of [grace.cookie, ada.cookie]) {
      const foreign = cookie === ada.cookie ? ofAdmin?.id : item?.id
      const [real, random] = [await end(cookie, foreign ?? ''), await end(cookie, randomUUID())]
      expect(real.status).toBe(404)
      expect(bare(real)).toEqual(bare(random))
      const asked = await first.call('GET', `/api/v1/sessions?user=${ada.id}`, { cookie: grace.cookie })
      const unknown = await first.call('GET', `/api/v1/sessions?user=${randomUUID()}`, { cookie: grace.cookie })
      expect(bare(asked)).toEqual(bare(unknown))
      expect((await first.call('GET', '/api/v1/sessions?user=all', { cookie })).status).toBe(404)
    }
    expect((await list(ada.cookie)).length).toBeGreaterThan(0)
  })

  test('are seen and ended by an admin of the whole fleet', async () => {
    const target = await signInFrom('to be ended')
    const mine = await list(admin, `?user=${ada.id}`)
    expect(new Set(mine.map(({ username }) => username))).toEqual(new Set(['ada']))
    const all = await list(admin, '?user=all')
    expect(new Set(all.map(({ username }) => username))).toEqual(new Set(['admin', 'ada', 'grace']))
    const found = mine.find(({ userAgent }) => userAgent === 'to be ended')
    expect((await end(admin, found?.id ?? '')).status).toBe(204)
    expect((await first.call('GET', '/api/v1/session', { cookie: target })).status).toBe(401)
  })
})

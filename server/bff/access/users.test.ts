// Goal: who a person is, and what he may do, changes at once and everywhere. Method: two real backends on one database;
// admins who change others, each other, and themselves.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { followStream } from '../events/test-stream.ts'
import { ADMIN_PASSWORD, cookieOf, startTestBackend, type TestBackend } from '../test-backend.ts'
import { addPerson, auditOf, setPassword, useLink } from './test-people.ts'

const ENDS_WITHIN_MS = 5_000
let database: TestDatabase
let first: TestBackend
let second: TestBackend
let admin: string
let names = 0
const newName = () => {
  names += 1
  return `person-${names}`
}
beforeAll(async () => {
  database = await createTestDatabase()
  first = await startTestBackend(database)
  second = await startTestBackend(database)
})
beforeEach(async () => {
  admin = await first.signIn()
})
afterAll(async () => {
  await Promise.all([first.close(), second.close()])
  await database.drop()
})

const whoAmI = (backend: TestBackend, cookie: string) => backend.call('GET', '/api/v1/session', { cookie })
const change = (id: string, body: object, cookie = admin) =>
  first.call('PATCH', `/api/v1/users/${id}`, { cookie, body: { reason: 'they moved on', ...body } })
const idOf = async (username: string) =>
  (await database.kysely.selectFrom('users').select('id').where('username', '=', username).executeTakeFirstOrThrow()).id

describe('a user', () => {
  test('is made with a role and hosts, and first signs in by a link', async () => {
    const username = newName()
    const body = { username, role: 'operator', scope: 'label.env:staging  label.env:staging' }
    const answer = await first.call('POST', '/api/v1/users', { cookie: admin, body })
    expect(answer.status).toBe(201)
    const { user, link } = answer.json<{ user: object; link: { path: string; expiresAt: string } }>()
    expect(user).toMatchObject({ username, role: 'operator', scope: 'label.env:staging', lastSignedInAt: null })
    expect(Date.parse(link.expiresAt) - first.clock.now().getTime()).toBeGreaterThan(23 * 3_600_000)
    const signedIn = await useLink(second, link.path)
    expect(signedIn.json()).toMatchObject({
      username,
      by: 'link',
      scope: 'label.env:staging',
      hasPassword: false,
      proofs: [],
    })
    expect((await useLink(first, link.path)).status).toBe(401)
    expect((await auditOf(database.kysely, 'user.create')).at(-1)).toMatchObject({ target: username, result: 'done' })
  })

  test.each([
    [{ username: 'admin', role: 'viewer' }, 409, 'user_name_taken'],
    [{ username: 'Upper', role: 'viewer' }, 400, 'body_invalid'],
    [{ username: 'x', role: 'root' }, 400, 'body_invalid'],
    [{ username: 'x', role: 'viewer', scope: 'state:stalled' }, 400, 'scope_invalid'],
    [{ username: 'x', role: 'viewer', scope: ' ' }, 400, 'scope_invalid'],
    [{ username: 'x', role: 'viewer', scope: 'label.env:' }, 400, 'scope_invalid'],
    [{ username: 'x', role: 'viewer', password: 'a password of mine' }, 400, 'body_invalid'],
    [{ username: 'x', role: 'admin' }, 400, 'body_invalid'],
  ])('%j is %i %s', async (body, status, code) => {
    const answer = await first.call('POST', '/api/v1/users', { cookie: admin, body })
    expect(answer.json()).toMatchObject({ status, type: `/problems/${code}` })
  })

  test('gets a new link, which ends the one before; ten minutes for whoever has been here already', async () => {
    const { id } = await addPerson(first, admin, newName(), 'viewer')
    const link = async () =>
      (await first.call('POST', `/api/v1/users/${id}/sign-in-link`, { cookie: admin })).json<{
        path: string
        expiresAt: string
      }>()
    const [one, other] = [await link(), await link()]
    expect(Date.parse(other.expiresAt) - first.clock.now().getTime()).toBeLessThanOrEqual(10 * 60_000)
    expect((await useLink(first, one.path)).status).toBe(401)
    expect((await useLink(first, other.path)).status).toBe(201)
  })
})

describe('T01 a change of rights', () => {
  test.each([
    ['another role', { role: 'viewer' }],
    ['fewer hosts', { scope: 'label.env:staging' }],
    ['disabling', { disabled: true }],
  ])('%s ends his sessions and event streams on every backend', async (_what, body) => {
    const person = await addPerson(first, admin, newName(), 'operator')
    const streams = await Promise.all([first, second].map((backend) => followStream(backend, person.cookie)))
    const begun = performance.now()
    expect((await change(person.id, body)).status).toBe(200)
    for (const backend of [first, second]) expect((await whoAmI(backend, person.cookie)).status).toBe(401)
    await Promise.all(streams.map(({ ended }) => ended))
    expect(performance.now() - begun).toBeLessThan(ENDS_WITHIN_MS)
  })

  test('a disabled user comes in by no way, and keeps his name for the audit log', async () => {
    const person = await addPerson(first, admin, newName(), 'viewer')
    await setPassword(first, person.cookie, 'a password of mine')
    const link = (await first.call('POST', `/api/v1/users/${person.id}/sign-in-link`, { cookie: admin })).json<{
      path: string
    }>()
    await change(person.id, { disabled: true })
    const body = { username: person.username, password: 'a password of mine' }
    expect((await first.call('POST', '/api/v1/session', { body })).status).toBe(401)
    expect((await useLink(first, link.path)).status).toBe(401)
    const again = await first.call('POST', `/api/v1/users/${person.id}/sign-in-link`, { cookie: admin })
    expect(again.json()).toMatchObject({ type: '/problems/user_change_refused' })
    await change(person.id, { disabled: false })
    expect((await first.call('POST', '/api/v1/session', { body })).status).toBe(201)
  })

  test('one that changes nothing ends nothing', async () => {
    const person = await addPerson(first, admin, newName(), 'viewer')
    expect((await change(person.id, { role: 'viewer', scope: null })).status).toBe(200)
    expect((await whoAmI(first, person.cookie)).status).toBe(200)
  })

  test.each([
    ['to make an admin', { role: 'admin' }],
    ['to disable', { disabled: true }],
  ])('T25 %s takes a reason, which the audit log keeps', async (_what, body) => {
    const person = await addPerson(first, admin, newName(), 'viewer')
    const refused = await first.call('PATCH', `/api/v1/users/${person.id}`, { cookie: admin, body })
    expect(refused.json()).toMatchObject({ status: 400, detail: expect.stringMatching(/takes a reason/) })
    expect((await whoAmI(first, person.cookie)).status).toBe(200)
    expect((await change(person.id, body)).status).toBe(200)
    expect((await auditOf(database.kysely, 'user.change')).at(-1)?.entry).toMatchObject({ reason: 'they moved on' })
  })

  test('is audited with before and after', async () => {
    const person = await addPerson(first, admin, newName(), 'viewer')
    await change(person.id, { role: 'operator', scope: 'label.env:staging' })
    const [last] = (await auditOf(database.kysely, 'user.change')).slice(-1)
    expect(last?.entry).toMatchObject({
      actor: { kind: 'user', name: 'admin', address: '127.0.0.1' },
      target: { kind: 'user', id: person.id, name: person.username },
      reason: 'they moved on',
      before: { role: 'viewer', scope: null, disabled: false },
      after: { role: 'operator', scope: 'label.env:staging', disabled: false },
    })
  })
})

describe('admins', () => {
  test('do not change their own rights', async () => {
    for (const body of [{ role: 'viewer' }, { scope: 'label.env:x' }, { disabled: true }]) {
      const answer = await change(await idOf('admin'), body)
      expect(answer.json()).toMatchObject({ status: 409, type: '/problems/user_change_refused' })
    }
  })

  test('who take each other’s role at the same moment leave one', async () => {
    const own = await createTestDatabase()
    const backend = await startTestBackend(own)
    const one = await backend.signIn()
    const other = await addPerson(backend, one, 'other', 'admin')
    const ids = await own.kysely.selectFrom('users').select(['id', 'username']).execute()
    const first = ids.find(({ username }) => username === 'admin')?.id ?? ''
    for (let round = 0; round < 5; round += 1) {
      const answers = await Promise.all([
        backend.call('PATCH', `/api/v1/users/${other.id}`, { cookie: one, body: { role: 'viewer' } }),
        backend.call('PATCH', `/api/v1/users/${first}`, {
          cookie: other.cookie,
          body: { disabled: true, reason: 'test' },
        }),
      ])
      const active = await own.kysely
        .selectFrom('users')
        .select('id')
        .where('role', '=', 'admin')
        .where('disabled_at', 'is', null)
        .execute()
      expect(active.length).toBe(1)
      expect(answers.filter(({ status }) => status === 200).length).toBe(1)
      await own.kysely.updateTable('users').set({ role: 'admin', disabled_at: null }).execute()
      await own.kysely.updateTable('sessions').set({ ended_at: null }).execute()
    }
    await backend.close()
    await own.drop()
  })

  test('T25 prove who they are before each change, within five minutes', async () => {
    const backend = await startTestBackend(database)
    const cookie = await backend.signIn()
    backend.clock.advance(5 * 60_000 + 1_000)
    const body = { username: newName(), role: 'viewer' }
    const create = () => backend.call('POST', '/api/v1/users', { cookie, body })
    expect((await create()).json()).toMatchObject({ status: 401, type: '/problems/authentication_too_old' })
    const prove = (proof: object) => backend.call('POST', '/api/v1/session/authenticate', { cookie, body: proof })
    expect((await prove({ password: 'wrong' })).status).toBe(401)
    expect((await prove({ code: '123456' })).status).toBe(401)
    expect((await create()).status).toBe(401)
    const proven = await prove({ password: ADMIN_PASSWORD })
    expect(proven.status).toBe(200)
    expect(Date.parse(proven.json<{ authenticatedAt: string }>().authenticatedAt)).toBeGreaterThanOrEqual(
      backend.clock.now().getTime() - 5_000,
    )
    expect((await create()).status).toBe(201)
    await backend.close()
  })
})

describe('one’s own password', () => {
  const NEW = 'quite another password'

  test('T31 is at least twelve characters, kept by argon2id, and ends the other sessions', async () => {
    const { username, id, cookie } = await addPerson(first, admin, newName(), 'viewer')
    expect((await setPassword(first, cookie, 'elevenchars')).status).toBe(400)
    expect((await setPassword(first, cookie, NEW)).status).toBe(200)
    const signIn = (password: string) => first.call('POST', '/api/v1/session', { body: { username, password } })
    const other = cookieOf(await signIn(NEW))
    expect((await setPassword(first, cookie, `${NEW} again`, NEW)).status).toBe(200)
    expect([(await whoAmI(first, cookie)).status, (await whoAmI(second, other)).status]).toEqual([200, 401])
    expect([(await signIn(NEW)).status, (await signIn(`${NEW} again`)).status]).toEqual([401, 201])
    const row = await database.kysely
      .selectFrom('users')
      .select('password_hash')
      .where('id', '=', id)
      .executeTakeFirst()
    expect(row?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  })

  test('needs the old one, or a proof of minutes', async () => {
    const backend = await startTestBackend(database)
    const { cookie } = await addPerson(backend, await backend.signIn(), newName(), 'viewer')
    await setPassword(backend, cookie, NEW)
    backend.clock.advance(5 * 60_000 + 1_000)
    expect((await setPassword(backend, cookie, `${NEW} 2`)).json()).toMatchObject({
      type: '/problems/authentication_too_old',
    })
    expect((await setPassword(backend, cookie, `${NEW} 2`, 'not the old one')).status).toBe(401)
    expect((await setPassword(backend, cookie, `${NEW} 2`, NEW)).status).toBe(200)
    await backend.close()
  })

  test('T10 guessing the old one is braked as sign-in is', async () => {
    const { cookie } = await addPerson(first, admin, newName(), 'viewer')
    await setPassword(first, cookie, NEW)
    const statuses = []
    for (let n = 0; n < 8; n += 1) statuses.push((await setPassword(first, cookie, NEW, `guess ${n}`)).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
    await database.kysely.deleteFrom('sign_in_attempts').execute()
  })

  test('that is a setting is changed there; one that the first user chose stays over a restart', async () => {
    expect((await setPassword(first, admin, NEW)).json()).toMatchObject({
      type: '/problems/account_managed_elsewhere',
    })
    const own = await createTestDatabase()
    const settings = { adminPassword: undefined }
    const before = await startTestBackend(own, { settings })
    const link = await before.createSignInLink()
    const cookie = cookieOf(await useLink(before, link?.url.replace(before.url, '') ?? ''))
    expect((await setPassword(before, cookie, NEW)).status).toBe(200)
    await before.close()
    const after = await startTestBackend(own, { settings })
    expect((await whoAmI(after, cookie)).status).toBe(200)
    const body = { username: 'admin', password: NEW }
    expect((await after.call('POST', '/api/v1/session', { body })).status).toBe(201)
    await after.close()
    await own.drop()
  })
})

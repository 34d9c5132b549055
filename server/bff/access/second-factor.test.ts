// Goal: with a second factor on, a password or link alone opens nothing, and no code counts twice. Method: two real
// backends, an authenticator by the same library, and a clock that the test moves.
import { TOTP } from 'otpauth'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { cookieOf, startTestBackend, type TestAnswer, type TestBackend } from '../test-backend.ts'
import { addPerson, auditOf, setPassword, useLink } from './test-people.ts'

const PASSWORD = 'a password of my own'
let database: TestDatabase
let first: TestBackend
let second: TestBackend
let names = 0
beforeAll(async () => {
  database = await createTestDatabase()
  first = await startTestBackend(database)
  second = await startTestBackend(database)
})
beforeEach(async () => {
  await database.kysely.deleteFrom('sign_in_attempts').execute()
})
afterAll(async () => {
  await Promise.all([first.close(), second.close()])
  await database.drop()
})

const STEP_MS = 30_000
/** The code that an authenticator shows, so many steps from now. */
const codeOf = (secret: string, backend: TestBackend, steps = 0) =>
  new TOTP({ secret }).generate({ timestamp: backend.clock.now().getTime() + steps * STEP_MS })

/** Both clocks, so that the backends stay of one mind. */
const nextStep = () => {
  for (const backend of [first, second]) backend.clock.advance(STEP_MS)
}

const enrolled = async () => {
  names += 1
  const admin = await first.signIn()
  const person = await addPerson(first, admin, `second-${names}`, 'viewer')
  await setPassword(first, person.cookie, PASSWORD)
  const begun = await first.call('POST', '/api/v1/session/totp', { cookie: person.cookie })
  const { secret, uri } = begun.json<{ secret: string; uri: string }>()
  const confirm = (code: string) =>
    first.call('POST', '/api/v1/session/totp/confirm', { cookie: person.cookie, body: { code } })
  return { ...person, admin, secret, uri, confirm }
}
const withSecondFactor = async () => {
  const person = await enrolled()
  const { recoveryCodes } = (await person.confirm(codeOf(person.secret, first))).json<{ recoveryCodes: string[] }>()
  nextStep()
  return { ...person, recoveryCodes }
}
const byPassword = (backend: TestBackend, username: string) =>
  backend.call('POST', '/api/v1/session', { body: { username, password: PASSWORD } })
const challengeOf = (answer: TestAnswer) => answer.json<{ challenge: string }>().challenge
const byCode = (backend: TestBackend, challenge: string, code: string) =>
  backend.call('POST', '/api/v1/session/code', { body: { challenge, code } })
const whoAmI = (cookie: string) => first.call('GET', '/api/v1/session', { cookie })

describe('a second factor', () => {
  test('counts once a code of it was given, and then is asked for on every backend', async () => {
    const person = await enrolled()
    expect(person.uri).toMatch(/^otpauth:\/\/totp\/Rebootless:second-\d+\?.*secret=[A-Z2-7]{32}/)
    expect((await byPassword(first, person.username)).json()).toMatchObject({ username: person.username })
    expect((await person.confirm('000000')).status).toBe(401)
    const confirmed = await person.confirm(codeOf(person.secret, first))
    const { recoveryCodes } = confirmed.json<{ recoveryCodes: string[] }>()
    expect(new Set(recoveryCodes).size).toBe(10)
    for (const code of recoveryCodes) expect(code).toMatch(/^([a-z2-7]{4}-){3}[a-z2-7]{4}$/)
    nextStep()
    const asked = await byPassword(second, person.username)
    expect([asked.status, asked.headers['set-cookie'], Object.keys(asked.json())]).toEqual([
      201,
      undefined,
      ['secondFactor', 'challenge', 'expiresAt'],
    ])
    const signedIn = await byCode(first, challengeOf(asked), codeOf(person.secret, first))
    expect(signedIn.json()).toMatchObject({ by: 'password', hasPassword: true, secondFactor: true, proofs: ['code'] })
    expect((await whoAmI(cookieOf(signedIn))).status).toBe(200)
    expect((await auditOf(database.kysely, 'second_factor.create')).at(-1)?.target).toBe(person.username)
  })

  test('is asked for after a one-time link as well', async () => {
    const person = await withSecondFactor()
    const made = await first.call('POST', `/api/v1/users/${person.id}/sign-in-link`, { cookie: person.admin })
    const asked = await useLink(first, made.json<{ path: string }>().path)
    expect(asked.headers['set-cookie']).toBeUndefined()
    expect((await byCode(first, challengeOf(asked), codeOf(person.secret, first))).json()).toMatchObject({ by: 'link' })
  })

  test('T31 seed and codes are sealed or hashed in the database, and the seed is answered once', async () => {
    const person = await withSecondFactor()
    const { kysely } = database
    const rows = JSON.stringify([
      await kysely.selectFrom('users').selectAll().execute(),
      await kysely.selectFrom('recovery_codes').selectAll().execute(),
      await auditOf(kysely),
    ])
    for (const secret of [person.secret, ...person.recoveryCodes]) expect(rows).not.toContain(secret)
    expect((await first.call('POST', '/api/v1/session/totp', { cookie: person.cookie })).status).toBe(409)
  })
})

describe('T11 a challenge', () => {
  test('is no session, is good once, and for minutes', async () => {
    const person = await withSecondFactor()
    const challenge = challengeOf(await byPassword(first, person.username))
    expect((await whoAmI(`rebootless=${challenge}`)).status).toBe(401)
    expect((await byCode(first, challenge, codeOf(person.secret, first))).status).toBe(201)
    nextStep()
    expect((await byCode(first, challenge, codeOf(person.secret, first))).status).toBe(401)
    const late = challengeOf(await byPassword(first, person.username))
    for (const backend of [first, second]) backend.clock.advance(5 * 60_000)
    expect((await byCode(first, late, codeOf(person.secret, first))).status).toBe(401)
    expect((await byCode(first, 'made-up', '000000')).status).toBe(401)
  })

  test('ends when the password changes', async () => {
    const person = await enrolled()
    const challenge = async () => challengeOf(await byPassword(first, person.username))
    await person.confirm(codeOf(person.secret, first))
    nextStep()
    const begun = await challenge()
    await setPassword(first, person.cookie, `${PASSWORD} 2`, PASSWORD)
    expect((await byCode(first, begun, codeOf(person.secret, first))).status).toBe(401)
  })
})

describe('T10 a code', () => {
  test('counts once: of several uses at once on two backends one signs in, and none before it counts afterwards', async () => {
    const person = await withSecondFactor()
    const challenges = []
    for (let n = 0; n < 4; n += 1) challenges.push(challengeOf(await byPassword(first, person.username)))
    const code = codeOf(person.secret, first)
    const answers = await Promise.all(
      challenges.map((challenge, n) => byCode(n % 2 === 0 ? first : second, challenge, code)),
    )
    expect(answers.filter(({ status }) => status === 201).length).toBe(1)
    const again = challengeOf(await byPassword(first, person.username))
    expect((await byCode(first, again, codeOf(person.secret, first, -1))).status).toBe(401)
    expect((await byCode(first, again, codeOf(person.secret, first, 1))).status).toBe(201)
  })

  test('of two steps away is refused', async () => {
    const person = await withSecondFactor()
    const challenge = challengeOf(await byPassword(first, person.username))
    expect((await byCode(first, challenge, codeOf(person.secret, first, 2))).status).toBe(401)
    expect((await byCode(first, challenge, codeOf(person.secret, first, -2))).status).toBe(401)
  })

  test('is guessed at no more often than a password, whichever challenge or backend is taken', async () => {
    const person = await withSecondFactor()
    const statuses: number[] = []
    for (let n = 0; n < 8; n += 1) {
      const challenge = challengeOf(await byPassword(first, person.username))
      statuses.push((await byCode(n % 2 === 0 ? first : second, challenge, `00000${n}`)).status)
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
  })

  test('of recovery counts once, however it is typed', async () => {
    const person = await withSecondFactor()
    const [one = '', other = ''] = person.recoveryCodes
    const use = async (code: string) =>
      (await byCode(first, challengeOf(await byPassword(first, person.username)), code)).status
    expect(await use(one)).toBe(201)
    expect(await use(one)).toBe(401)
    expect(await use(` ${other.toUpperCase().replaceAll('-', ' ')}`)).toBe(201)
  })
})

describe('T25 a proof', () => {
  test('is a code where there is a second factor; a password is not enough', async () => {
    const person = await withSecondFactor()
    const prove = (body: object) => first.call('POST', '/api/v1/session/authenticate', { cookie: person.cookie, body })
    expect((await prove({ password: PASSWORD })).status).toBe(401)
    const code = codeOf(person.secret, first)
    expect((await prove({ code })).status).toBe(200)
    expect((await prove({ code })).status).toBe(401)
  })

  test('is needed to turn the second factor off', async () => {
    const person = await withSecondFactor()
    for (const backend of [first, second]) backend.clock.advance(5 * 60_000)
    const off = () =>
      first.call('DELETE', '/api/v1/session/totp', { cookie: person.cookie, body: { reason: 'a new telephone' } })
    expect((await off()).json()).toMatchObject({ type: '/problems/authentication_too_old' })
    const body = { code: person.recoveryCodes[0] }
    await first.call('POST', '/api/v1/session/authenticate', { cookie: person.cookie, body })
    expect((await off()).status).toBe(204)
    expect((await byPassword(first, person.username)).json()).toMatchObject({ secondFactor: false })
  })
})

test('T01 an admin turns a lost one off, which ends the sessions', async () => {
  const person = await withSecondFactor()
  const answer = await second.call('DELETE', `/api/v1/users/${person.id}/totp`, {
    cookie: person.admin,
    body: { reason: 'it was lost' },
  })
  expect(answer.status).toBe(204)
  expect((await whoAmI(person.cookie)).status).toBe(401)
  expect((await byPassword(first, person.username)).json()).toMatchObject({ secondFactor: false })
  expect((await auditOf(database.kysely, 'second_factor.remove')).at(-1)).toMatchObject({
    target: person.username,
    entry: { reason: 'it was lost' },
  })
})

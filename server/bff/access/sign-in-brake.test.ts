// Goal: nobody guesses a password by trying, and nobody locks others out by it. Method: real backends on one database.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { ADMIN_PASSWORD, startTestBackend, type TestBackend } from '../test-backend.ts'
import { BRAKE_LIMITS, sourceOf } from './sign-in-brake.ts'
import { auditOf } from './test-people.ts'

let database: TestDatabase
let first: TestBackend
let second: TestBackend
beforeAll(async () => {
  database = await createTestDatabase()
  first = await startTestBackend(database)
  second = await startTestBackend(database)
})
afterAll(async () => {
  await Promise.all([first.close(), second.close()])
  await database.drop()
})
beforeEach(async () => {
  await database.kysely.deleteFrom('sign_in_attempts').execute()
  await database.kysely.deleteFrom('sign_in_sources').execute()
})

const signIn = (backend: TestBackend, username: string, password: string, headers: Record<string, string> = {}) =>
  backend.call('POST', '/api/v1/session', { body: { username, password }, headers })

describe('T10 the sign-in brake', () => {
  test('of 1,000 guesses lets the limit through: two backends, a restart, forged addresses', async () => {
    const audited = (await auditOf(database.kysely, 'session.start')).length
    let third = await startTestBackend(database)
    const statuses: number[] = []
    for (let batch = 0; batch < 20; batch += 1) {
      if (batch === 1) {
        await third.close()
        third = await startTestBackend(database)
      }
      const guesses = Array.from({ length: 50 }, (_, n) => {
        const forged = `10.${batch}.${n}.1`
        const headers = { 'x-forwarded-for': forged, forwarded: `for=${forged}`, 'x-real-ip': forged }
        return signIn([first, second, third][n % 3] ?? first, 'admin', `guess ${batch} ${n}`, headers)
      })
      statuses.push(...(await Promise.all(guesses)).map(({ status }) => status))
    }
    await third.close()
    const count = (status: number) => statuses.filter((one) => one === status).length
    expect([count(401), count(429)]).toEqual([BRAKE_LIMITS.pair, 1_000 - BRAKE_LIMITS.pair])
    const refused = await signIn(first, 'admin', ADMIN_PASSWORD)
    expect(refused.status).toBe(429)
    // A quarter of an hour from the first guess, which was a moment ago.
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(10 * 60)
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(15 * 60)
    // Each guess that was looked at, and the brake closing, at most for the pair and for the source; not 1,000 rows.
    const rows = (await auditOf(database.kysely, 'session.start')).length - audited
    expect(rows).toBeGreaterThan(BRAKE_LIMITS.pair)
    expect(rows).toBeLessThanOrEqual(BRAKE_LIMITS.pair + 2)
  })

  test('one source cannot try many names, nor fill the table with them', async () => {
    for (let n = 0; n < BRAKE_LIMITS.source + 5; n += 1) await signIn(first, `user-${n}`, 'guess')
    expect((await signIn(first, 'someone-else', 'guess')).status).toBe(429)
    const rows = await database.kysely.selectFrom('sign_in_attempts').select('key').execute()
    expect(rows.length).toBeLessThanOrEqual(1 + 2 * BRAKE_LIMITS.source)
  })

  test('others who guess do not lock out whoever has signed in from here before', async () => {
    await first.signIn()
    const now = new Date()
    const account = (await database.kysely.selectFrom('sign_in_attempts').selectAll().execute()).find(({ key }) =>
      key.startsWith('account '),
    )
    await database.kysely
      .updateTable('sign_in_attempts')
      .set({ attempts: 1_000, window_started_at: now })
      .where('key', '=', account?.key ?? '')
      .execute()
    expect((await signIn(first, 'admin', ADMIN_PASSWORD)).status).toBe(201)
    await database.kysely.deleteFrom('sign_in_sources').execute()
    expect((await signIn(first, 'admin', ADMIN_PASSWORD)).status).toBe(429)
  })

  test('people who sign in rightly never meet it', async () => {
    for (let n = 0; n < BRAKE_LIMITS.pair * 3; n += 1) {
      expect((await signIn(first, 'admin', ADMIN_PASSWORD)).status).toBe(201)
    }
  })

  test('refusals are audited with the name of a user, and never with what was typed', async () => {
    await signIn(first, 'admin', 'canary-password')
    await signIn(first, 'canary-name', 'canary-password')
    const [known, unknown] = (await auditOf(database.kysely, 'session.start')).slice(-2)
    expect(known?.entry).toMatchObject({
      result: 'refused',
      problem: 'sign_in_refused',
      actor: { kind: 'user', id: null, name: 'not signed in', address: '127.0.0.1' },
      target: { kind: 'user', name: 'admin' },
    })
    expect(unknown?.entry).toMatchObject({ target: { kind: 'user', id: 'unknown', name: null } })
    expect(JSON.stringify([known, unknown])).not.toContain('canary')
  })

  test('an unknown name answers as a wrong password does', async () => {
    const [wrong, unknown] = [await signIn(first, 'admin', 'guess'), await signIn(first, 'nobody', 'guess')]
    const withoutId = (text: string) => text.replace(/"requestId":"[^"]*"/, '')
    expect(withoutId(unknown.text)).toBe(withoutId(wrong.text))
  })

  test.each([
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['10.1.2.3', '10.1.2.3'],
    ['2001:db8:1:2:aaaa::1', '2001:db8:1:2::/64'],
    ['2001:0db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('%s counts as %s', (address, source) => {
    expect(sourceOf(address)).toBe(source)
  })
})

// Goal: no secret that goes through this server is found anywhere that it does not belong. Method: every flow that has one
// is run, each secret kept; then the database, the log, every readable answer and the process are searched for them all.
import { createHash } from 'node:crypto'
import { TOTP } from 'otpauth'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addPerson, setPassword, useLink } from '../access/test-people.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { dumpDatabase } from '../database/test-dump.ts'
import { enrolTestHost } from '../ingest/test-host.ts'
import { ADMIN_PASSWORD, cookieOf, startTestBackend, type TestBackend } from '../test-backend.ts'
import { bareBody, definitionOf, methodOf, pathOf, routeKeys } from './test-routes.ts'

let database: TestDatabase
let backend: TestBackend
let admin: string
let hostId: string
const logged: string[] = []
/** By what it is. */
const secrets = new Map<string, string>()
const keep = (what: string, secret: string | undefined): string => {
  if (secret === undefined || secret.length < 6) throw new Error(`${what} is no secret that could be found`)
  secrets.set(what, secret)
  return secret
}
const tokenIn = (cookie: string) => cookie.slice(cookie.indexOf('=') + 1)

const runFlows = async () => {
  keep('the password of the settings', ADMIN_PASSWORD)
  admin = await backend.signIn()
  keep('an admin’s session', tokenIn(admin))
  await backend.call('POST', '/api/v1/session', {
    body: { username: 'admin', password: keep('a wrong guess', 'canary-wrong-guess') },
  })
  await backend.call('POST', '/api/v1/session', {
    body: { username: keep('a password typed as a name', 'canary-typed-as-name'), password: 'x' },
  })
  await backend.call('POST', '/api/v1/session/link', { body: { token: keep('a made-up link', 'canary-made-up-link') } })
  await backend.call('POST', '/api/v1/session/code', {
    body: { challenge: keep('a made-up challenge', 'canary-made-up-challenge'), code: '123456' },
  })
  await backend.call('GET', '/api/v1/session', {
    headers: { authorization: `Bearer ${keep('a made-up token', `rbl_${'canary'.repeat(8).slice(0, 43)}`)}` },
  })
  await backend.call('GET', `/api/v1/hosts?filter=${keep('a filter', 'canary-filter')}`, { cookie: admin })

  const person = await addPerson(backend, admin, 'canary-person', 'operator')
  keep('a session by link', tokenIn(person.cookie))
  await setPassword(backend, person.cookie, keep('a password of one’s own', 'canary own password'))
  const seed = (await backend.call('POST', '/api/v1/session/totp', { cookie: person.cookie })).json<{
    secret: string
  }>()
  const codeNow = () => new TOTP({ secret: seed.secret }).generate({ timestamp: backend.clock.now().getTime() })
  keep('the seed of a second factor', seed.secret)
  const confirmed = await backend.call('POST', '/api/v1/session/totp/confirm', {
    cookie: person.cookie,
    body: { code: codeNow() },
  })
  for (const [n, code] of confirmed.json<{ recoveryCodes: string[] }>().recoveryCodes.entries())
    keep(`recovery code ${n}`, code)
  backend.clock.advance(30_000)
  const asked = await backend.call('POST', '/api/v1/session', {
    body: { username: person.username, password: 'canary own password' },
  })
  const challenge = keep('a challenge', asked.json<{ challenge: string }>().challenge)
  const signedIn = await backend.call('POST', '/api/v1/session/code', { body: { challenge, code: codeNow() } })
  keep('a session by code', tokenIn(cookieOf(signedIn)))

  const link = await backend.call('POST', `/api/v1/users/${person.id}/sign-in-link`, { cookie: admin })
  keep('a sign-in link', link.json<{ path: string }>().path.split('#token=')[1])
  const used = await backend.call('POST', `/api/v1/users/${person.id}/sign-in-link`, { cookie: admin })
  const usedPath = used.json<{ path: string }>().path
  keep('a used link', usedPath.split('#token=')[1])
  await useLink(backend, usedPath)

  const token = await backend.call('POST', '/api/v1/tokens', {
    cookie: admin,
    body: { name: 'script', role: 'viewer', validDays: 1 },
  })
  const bearer = keep('an API token', token.json<{ token: string }>().token)
  await backend.call('GET', '/api/v1/hosts', { headers: { authorization: `Bearer ${bearer}` } })
  const join = await backend.call('POST', '/api/v1/enrolment-tokens', { cookie: admin, body: {} })
  keep('a join token', join.json<{ token: string }>().token)
}

beforeAll(async () => {
  database = await createTestDatabase()
  backend = await startTestBackend(database, {
    log: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }),
  })
  hostId = await enrolTestHost(database.kysely)
  await runFlows()
})
afterAll(async () => {
  await backend.close()
  await database.drop()
})

const found = (text: string): string[] =>
  [...secrets].filter(([, secret]) => text.includes(secret)).map(([what]) => what)

describe('T31 the secrets of all flows', () => {
  test('were there to be found', () => {
    expect(secrets.size).toBeGreaterThan(20)
    expect(logged.length).toBeGreaterThan(10)
    expect(found('canary own password and canary-filter')).toEqual(['a filter', 'a password of one’s own'])
  })

  test('are in no row of the database, nor is a bare hash of one', async () => {
    const dump = JSON.stringify(await dumpDatabase(database.kysely))
    expect(dump).toContain('canary-person')
    expect(found(dump)).toEqual([])
    // A hash without a purpose or salt could be looked up in a table, or come from another program.
    for (const [what, secret] of secrets) {
      for (const encoding of ['hex', 'base64', 'base64url'] as const) {
        expect([what, dump.includes(createHash('sha256').update(secret).digest(encoding))]).toEqual([what, false])
      }
    }
  })

  test('are in no line of the log', () => {
    expect(found(logged.join(''))).toEqual([])
  })

  test('are in nothing that anybody can read afterwards, pages and metrics included', async () => {
    const readable = routeKeys.filter((key) => methodOf(key) === 'GET' && definitionOf(key).media !== 'events')
    const answers = await Promise.all([
      ...readable.map((key) => backend.call('GET', pathOf(key, hostId), { cookie: admin })),
      ...['/metrics', '/healthz', '/readyz', '/api/v1/openapi.json', '/'].map((path) =>
        backend.call('GET', path, { cookie: admin }),
      ),
    ])
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(15)
    expect(found(JSON.stringify(answers.map(({ headers, text }) => [headers, text])))).toEqual([])
  })

  test('are in no refusal, whatever is wrong beside them', async () => {
    for (const key of routeKeys.filter((each) => methodOf(each) !== 'GET' && definitionOf(each).body !== undefined)) {
      if (definitionOf(key).requestMedia === 'octets') continue
      const body = {
        ...bareBody(key).body,
        password: 'canary own password',
        token: secrets.get('an API token'),
        extra: true,
      }
      const answer = await backend.call(methodOf(key), pathOf(key), { cookie: admin, body })
      expect([key, answer.status >= 400, found(answer.text)]).toEqual([key, true, []])
    }
  })

  test('are not in what other programs of this machine see of us', () => {
    expect(found(process.argv.join('\0') + process.title)).toEqual([])
  })
})

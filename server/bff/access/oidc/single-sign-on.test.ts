// Goal: people of an identity provider come in with what their groups give, and nobody else does. Method: a real
// oidc-provider on loopback, a whole backend, and a browser that follows redirects.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../database/test-database.ts'
import { startTestBackend, type TestBackend } from '../../test-backend.ts'
import { TestBrowser } from './test-browser.ts'
import {
  type IdentityProvider,
  type ProvidedPerson,
  startIdentityProvider,
  TEST_CLIENT,
} from './test-identity-provider.ts'

let database: TestDatabase
let backend: TestBackend
let idp: IdentityProvider

beforeAll(async () => {
  idp = await startIdentityProvider()
  database = await createTestDatabase()
  backend = await startTestBackend(database, {
    settings: {
      outgoingNetworks: ['127.0.0.1'],
      oidc: {
        ...TEST_CLIENT,
        issuer: idp.issuer,
        scopes: 'profile',
        groupsClaim: 'groups',
        algorithm: 'RS256',
        roles: [
          { group: 'fleet-admins', role: 'admin', scope: null },
          { group: 'staging', role: 'operator', scope: 'label.env:staging' },
        ],
      },
    },
  })
  idp.serve(`${backend.url}/api/v1/session/oidc/callback`)
})
afterAll(async () => {
  await backend.close()
  await database.drop()
  await idp.stop()
})

const isPage = (next: URL) => next.origin === backend.url && !next.pathname.startsWith('/api/')
const signIn = async (subject: string, person: ProvidedPerson, browser = new TestBrowser()) => {
  idp.atKeyboard = subject
  idp.people.set(subject, person)
  const last = await browser.follow(`${backend.url}/api/v1/session/oidc?return=/hosts`, isPage)
  const session = await browser.get(`${backend.url}/api/v1/session`)
  return { browser, last, session, who: JSON.parse(session.text) as Record<string, unknown> }
}

describe('T11 single sign-on', () => {
  test('signs in with the role and the hosts that the groups give, and goes back to where one was', async () => {
    const { last, who, browser } = await signIn('ada', { groups: ['x', 'staging'], preferred_username: 'Ada@example' })
    expect(last.location?.pathname).toBe('/hosts')
    expect(who).toMatchObject({
      username: 'ada',
      role: 'operator',
      scope: 'label.env:staging',
      by: 'single sign-on',
      account: 'single sign-on',
      proofs: ['single sign-on'],
    })
    expect([...browser.cookies(backend.url).keys()]).toEqual(['rebootless'])
  })

  test('asks the provider by code, S256, state and nonce, for our exact address', async () => {
    const begun = await new TestBrowser().get(`${backend.url}/api/v1/session/oidc`)
    const query = Object.fromEntries(begun.location?.searchParams ?? [])
    expect(query).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      redirect_uri: `${backend.url}/api/v1/session/oidc/callback`,
    })
  })

  test('nobody comes in without a group, and whoever loses his groups loses his sessions and tokens', async () => {
    const stranger = await signIn('stranger', { groups: ['sales'], preferred_username: 'stranger' })
    expect([stranger.last.status, stranger.session.status]).toEqual([403, 401])
    const rows = await database.kysely.selectFrom('users').select('id').where('username', '=', 'stranger').execute()
    expect(rows).toEqual([])

    const before = await signIn('leaver', { groups: ['staging'], preferred_username: 'leaver' })
    const created = await backend.call('POST', '/api/v1/tokens', {
      cookie: before.browser.header(backend.url),
      body: { name: 'script', role: 'viewer', scope: 'label.env:staging', validDays: 1 },
    })
    const { token } = created.json<{ token: string }>()
    const byToken = () => backend.call('GET', '/api/v1/session', { headers: { authorization: `Bearer ${token}` } })
    expect((await byToken()).status).toBe(200)
    expect((await signIn('leaver', { groups: [] })).last.status).toBe(403)
    expect((await before.browser.get(`${backend.url}/api/v1/session`)).status).toBe(401)
    expect((await byToken()).status).toBe(401)
  })

  test('a role follows the groups, and the sessions of the old one end', async () => {
    const before = await signIn('grace', { groups: ['staging'], preferred_username: 'grace' })
    const after = await signIn('grace', { groups: ['fleet-admins', 'staging'] })
    expect(after.who).toMatchObject({ username: 'grace', role: 'admin', scope: null })
    expect((await before.browser.get(`${backend.url}/api/v1/session`)).status).toBe(401)
  })

  test('the subject is the account: a same name or address is another one, and never a local one', async () => {
    const person = { groups: ['staging'], preferred_username: 'admin', email: 'admin@example.org' }
    const [one, other] = [await signIn('subject-1', person), await signIn('subject-2', person)]
    expect([one.who.username, other.who.username]).toEqual(['admin-2', 'admin-3'])
    expect((await signIn('subject-1', { ...person, preferred_username: 'renamed' })).who.username).toBe('admin-2')
  })

  test('a disabled account stays out, whatever the groups say', async () => {
    const person = { groups: ['staging'], preferred_username: 'disabled' }
    await signIn('disabled', person)
    await database.kysely
      .updateTable('users')
      .set({ disabled_at: new Date() })
      .where('username', '=', 'disabled')
      .execute()
    const again = await signIn('disabled', person)
    expect([again.last.status, again.session.status]).toEqual([403, 401])
  })

  test('the way back counts once, and in the browser that began', async () => {
    idp.atKeyboard = 'ada'
    const isCallback = (next: URL) => next.pathname.endsWith('/callback')
    const browser = new TestBrowser()
    const { location } = await browser.follow(`${backend.url}/api/v1/session/oidc`, isCallback)
    if (location === undefined) throw new Error('the provider did not lead back')
    expect((await new TestBrowser().get(location)).status).toBe(401)
    const cookie = browser.header(backend.url)
    expect((await browser.get(location)).status).toBe(303)
    // The code is used up at the provider, even with the cookie back.
    expect((await new TestBrowser().get(location, { cookie })).status).toBe(401)
  })

  test('a browser is led to the sign-in page, with the code of the refusal', async () => {
    const page = await new TestBrowser().get(`${backend.url}/api/v1/session/oidc/callback?code=x&state=y`, {
      accept: 'text/html',
    })
    expect([page.status, page.location?.href]).toEqual([303, `${backend.url}/sign-in?refused=sign_in_refused`])
  })
})

test('T31 an admin sees how it is set up, and nobody sees the secret', async () => {
  const answer = await backend.call('GET', '/api/v1/single-sign-on', { cookie: await backend.signIn() })
  expect(answer.json()).toEqual({
    issuer: idp.issuer,
    clientId: TEST_CLIENT.clientId,
    hasSecret: true,
    groupsClaim: 'groups',
    algorithm: 'RS256',
    groups: [
      { group: 'fleet-admins', role: 'admin', scope: null },
      { group: 'staging', role: 'operator', scope: 'label.env:staging' },
    ],
  })
  expect(answer.text).not.toContain(TEST_CLIENT.clientSecret)
})

test('T25 a proof is renewed by the provider, which asks for the password again, and for the same person only', async () => {
  const { browser } = await signIn('prover', { groups: ['staging'], preferred_username: 'prover' })
  const whoAmI = async () => JSON.parse((await browser.get(`${backend.url}/api/v1/session`)).text)
  const first = await whoAmI()
  const askedBefore = idp.asked
  const prove = () => browser.follow(`${backend.url}/api/v1/session/oidc?purpose=authenticate&return=/x`, isPage)
  expect((await prove()).location?.pathname).toBe('/x')
  expect(idp.asked).toBe(askedBefore + 1)
  const second = await whoAmI()
  expect(Date.parse(second.authenticatedAt)).toBeGreaterThan(Date.parse(first.authenticatedAt))
  browser.forget(idp.issuer)
  idp.atKeyboard = 'ada'
  expect((await prove()).status).toBe(401)
  expect((await whoAmI()).authenticatedAt).toBe(second.authenticatedAt)
})

test('T01 who comes in by it again in the same browser ends the session that he had there', async () => {
  const groups = { groups: ['staging'], preferred_username: 'again' }
  const { browser } = await signIn('again', groups)
  const elsewhere = await signIn('again', groups)
  const former = browser.header(backend.url)
  await signIn('again', groups, browser)
  const whoAmI = async (cookie: string) => (await backend.call('GET', '/api/v1/session', { cookie })).status
  expect(browser.header(backend.url)).not.toBe(former)
  expect(await whoAmI(former)).toBe(401)
  expect(await whoAmI(browser.header(backend.url))).toBe(200)
  expect(await whoAmI(elsewhere.browser.header(backend.url))).toBe(200)
})

test('T05 one is sent nowhere else', async () => {
  for (const path of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/a//b',
    '/%2f%2fx',
    '/a\nb',
    '/@x',
  ]) {
    const begun = await new TestBrowser().get(`${backend.url}/api/v1/session/oidc?return=${encodeURIComponent(path)}`)
    expect([path, begun.status]).toEqual([path, 400])
  }
})

test('T33 while the provider is down, single sign-on says so and the password still works', async () => {
  const other = await startTestBackend(database, {
    settings: {
      outgoingNetworks: ['127.0.0.1'],
      oidc: {
        ...TEST_CLIENT,
        issuer: idp.issuer,
        scopes: 'profile',
        groupsClaim: 'groups',
        algorithm: 'RS256',
        roles: [],
      },
    },
  })
  idp.running = false
  const begun = await other.call('GET', '/api/v1/session/oidc')
  expect(begun.json()).toMatchObject({ status: 503, type: '/problems/single_sign_on_unavailable' })
  expect(await other.signIn()).toMatch(/^rebootless=/)
  idp.running = true
  expect((await other.call('GET', '/api/v1/session/oidc')).status).toBe(303)
  await other.close()
})

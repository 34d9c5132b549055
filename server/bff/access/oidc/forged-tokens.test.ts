// Goal: no forged ID token opens a session. Method: a hostile provider that answers the token request with whatever each
// row of a table makes, beside one row that is right in all.
import { createHmac, createSign, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../database/test-database.ts'
import { startTestBackend, type TestBackend } from '../../test-backend.ts'
import { TestBrowser } from './test-browser.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const otherRsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const PUBLIC_PEM = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const CLIENT_SECRET = 'a secret that the provider knows too'

let database: TestDatabase
let backend: TestBackend
let server: Server
let issuer: string
/** What the token endpoint answers. */
let answer: () => Record<string, unknown>
let asked: URLSearchParams[] = []

const readBody = async (request: AsyncIterable<Buffer>) => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const json = (body: unknown) => response.setHeader('Content-Type', 'application/json').end(JSON.stringify(body))
    if (request.url === '/.well-known/openid-configuration') {
      json({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        // It says that it would take anything: what counts is our setting.
        id_token_signing_alg_values_supported: ['RS256', 'ES256', 'HS256', 'none'],
        authorization_response_iss_parameter_supported: true,
      })
    } else if (request.url === '/keys') {
      json({
        keys: [
          { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'rsa', use: 'sig' },
          { ...elliptic.publicKey.export({ format: 'jwk' }), kid: 'ec', use: 'sig' },
        ],
      })
    } else {
      asked.push(new URLSearchParams(await readBody(request)))
      json(answer())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  database = await createTestDatabase()
  backend = await startTestBackend(database, {
    settings: {
      outgoingNetworks: ['127.0.0.1'],
      oidc: {
        issuer,
        clientId: 'rebootless',
        clientSecret: CLIENT_SECRET,
        scopes: 'profile',
        groupsClaim: 'groups',
        algorithm: 'RS256',
        roles: [{ group: 'admins', role: 'admin', scope: null }],
      },
    },
  })
})
afterAll(async () => {
  await backend.close()
  await database.drop()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
type Claims = Record<string, unknown>

const token = (header: Claims, claims: Claims, seal: (input: string) => string) => {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${seal(input)}`
}
const byRsa = (claims: Claims, key: KeyObject = rsa.privateKey) =>
  token({ alg: 'RS256', kid: 'rsa' }, claims, (input) => createSign('sha256').update(input).sign(key, 'base64url'))
const byHmac = (claims: Claims, key: string) =>
  token({ alg: 'HS256', kid: 'rsa' }, claims, (input) => createHmac('sha256', key).update(input).digest('base64url'))
const byElliptic = (claims: Claims) =>
  token({ alg: 'ES256', kid: 'ec' }, claims, (input) =>
    sign('sha256', Buffer.from(input), { key: elliptic.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url'),
  )
const altered = (claims: Claims) => {
  const [head, , seal] = byRsa({ ...claims, groups: [] }).split('.')
  return `${head}.${encode(claims)}.${seal}`
}

const seconds = () => Math.floor(Date.now() / 1000)
const goodClaims = (nonce: string): Claims => ({
  iss: issuer,
  sub: 'ada',
  aud: 'rebootless',
  iat: seconds(),
  exp: seconds() + 300,
  nonce,
  groups: ['admins'],
  preferred_username: 'ada',
})

interface Forgery {
  readonly what: string
  readonly idToken?: (claims: Claims) => string | undefined
  /** Changes of the address by which the browser comes back. */
  readonly back?: (query: URLSearchParams) => void
}

const FORGERIES: readonly Forgery[] = [
  { what: 'no signature: alg none', idToken: (claims) => token({ alg: 'none' }, claims, () => '') },
  { what: 'HMAC with the public key', idToken: (claims) => byHmac(claims, PUBLIC_PEM) },
  { what: 'HMAC with the client’s secret', idToken: (claims) => byHmac(claims, CLIENT_SECRET) },
  { what: 'another key under the same name', idToken: (claims) => byRsa(claims, otherRsa.privateKey) },
  { what: 'another algorithm than the setting’s', idToken: byElliptic },
  { what: 'claims altered after signing', idToken: altered },
  { what: 'another audience', idToken: (claims) => byRsa({ ...claims, aud: 'another-client' }) },
  {
    what: 'several audiences, made out to another',
    idToken: (claims) => byRsa({ ...claims, aud: ['rebootless', 'another-client'], azp: 'another-client' }),
  },
  { what: 'another issuer', idToken: (claims) => byRsa({ ...claims, iss: 'https://evil.example' }) },
  { what: 'no issuer', idToken: ({ iss: _, ...claims }) => byRsa(claims) },
  { what: 'no subject', idToken: ({ sub: _, ...claims }) => byRsa(claims) },
  { what: 'expired', idToken: (claims) => byRsa({ ...claims, iat: seconds() - 900, exp: seconds() - 300 }) },
  { what: 'without an end', idToken: ({ exp: _, ...claims }) => byRsa(claims) },
  { what: 'of another sign-in: wrong nonce', idToken: (claims) => byRsa({ ...claims, nonce: 'x'.repeat(43) }) },
  { what: 'without nonce', idToken: ({ nonce: _, ...claims }) => byRsa(claims) },
  { what: 'no ID token at all', idToken: () => undefined },
  { what: 'wrong state', back: (query) => query.set('state', 'x'.repeat(43)) },
  { what: 'no state', back: (query) => query.delete('state') },
  { what: 'sent back by another provider (RFC 9207)', back: (query) => query.set('iss', 'https://evil.example') },
  { what: 'an error beside the code', back: (query) => query.set('error', 'access_denied') },
]

const attempt = async ({ idToken = byRsa, back = () => undefined }: Omit<Forgery, 'what'>) => {
  const browser = new TestBrowser()
  const begun = await browser.get(`${backend.url}/api/v1/session/oidc`)
  const { searchParams: sent } = begun.location ?? new URL(issuer)
  const claims = goodClaims(sent.get('nonce') ?? '')
  asked = []
  answer = () => ({ access_token: 'x', token_type: 'Bearer', expires_in: 60, id_token: idToken(claims) })
  const query = new URLSearchParams({ code: 'a-code', state: sent.get('state') ?? '', iss: issuer })
  back(query)
  const page = await browser.get(`${backend.url}/api/v1/session/oidc/callback?${query}`)
  const session = await browser.get(`${backend.url}/api/v1/session`)
  return { page, session, sent }
}

describe('T11 an ID token', () => {
  test('that is right in all is taken, and the code goes with its verifier', async () => {
    const { page, session } = await attempt({})
    expect([page.status, session.status]).toEqual([303, 200])
    expect(asked[0]?.get('code_verifier')).toMatch(/^[\w-]{43}$/)
    expect(asked[0]?.get('redirect_uri')).toBe(`${backend.url}/api/v1/session/oidc/callback`)
  })

  test.each(FORGERIES)('$what is refused', async (forgery) => {
    const before = await database.kysely.selectFrom('sessions').select('id').execute()
    const { page, session } = await attempt(forgery)
    expect([page.status, session.status]).toEqual([401, 401])
    expect(JSON.parse(page.text)).toMatchObject({ type: '/problems/sign_in_refused' })
    expect(await database.kysely.selectFrom('sessions').select('id').execute()).toEqual(before)
  })

  test('for the same address and another subject opens another account', async () => {
    const byEmail = (sub: string) => (claims: Claims) => byRsa({ ...claims, sub, email: 'ada@example.org' })
    const names = []
    for (const sub of ['ada', 'mallory']) {
      const { session } = await attempt({ idToken: byEmail(sub) })
      names.push(JSON.parse(session.text).username)
    }
    expect(names).toEqual(['ada', 'ada-2'])
  })
})

// Goal: no secret that goes through this server is found anywhere that it does not belong. Method: every flow that has one
// is run, each secret kept; then the database, the log, every readable answer and the process are searched for them all.
import { createHash } from 'node:crypto'
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startIdentityProvider, TEST_CLIENT } from '../access/oidc/test-identity-provider.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { dumpDatabase } from '../database/test-dump.ts'
import { startTestBackend, type TestAnswer, type TestBackend } from '../test-backend.ts'
import { createCanary } from './test-canary.ts'
import { runChannels } from './test-canary-channels.ts'
import { runCommands } from './test-canary-commands.ts'
import { openHostsPort, runHosts } from './test-canary-hosts.ts'
import { runPeople } from './test-canary-people.ts'
import { runSingleSignOn } from './test-canary-single-sign-on.ts'
import { bareBody, definitionOf, methodOf, pathOf, routeKeys } from './test-routes.ts'
import { signInAs } from './test-users.ts'

let database: TestDatabase
let backend: TestBackend
let admin: string
let hostId: string
let end: () => Promise<void>
const logged: string[] = []
const canary = createCanary()
const { secrets, found, keep } = canary

beforeAll(async () => {
  database = await createTestDatabase()
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) })
  const idp = await startIdentityProvider()
  const port = await openHostsPort(canary, log)
  const secretsKey = keep('the key of stored secrets', Buffer.alloc(32, 'canary').toString('base64'))
  backend = await startTestBackend(database, {
    log,
    authorities: port.authorities,
    settings: {
      secretsKey,
      outgoingNetworks: ['127.0.0.1'],
      oidc: {
        ...TEST_CLIENT,
        ...{ issuer: idp.issuer, scopes: 'profile', groupsClaim: 'groups', algorithm: 'RS256' },
        roles: [{ group: 'staging', role: 'operator', scope: null }],
      },
    },
  })
  idp.serve(`${backend.url}/api/v1/session/oidc/callback`)
  const agents = await port.listen(backend)
  end = async () => {
    await agents.close()
    await backend.close()
    await idp.stop()
    await port.remove()
    await database.drop()
  }
  admin = await runPeople(canary, backend)
  await runSingleSignOn(canary, backend, idp)
  await runHosts(canary, backend, { admin, server: `https://127.0.0.1:${agents.port}` })
  await runChannels(canary, backend, admin)
  hostId = await runCommands(canary, backend, { admin, database: database.kysely })
}, 60_000)
afterAll(() => end())

/** Of whatever a path may name, one or a few each. */
const idsOfAll = async ({ kysely }: TestDatabase): Promise<string[]> => {
  const of = (
    table: 'users' | 'api_tokens' | 'sessions' | 'authorisations' | 'commands' | 'enrolment_tokens' | 'channels',
  ) => kysely.selectFrom(table).select('id').limit(3).execute()
  const tables = [
    'users',
    'api_tokens',
    'sessions',
    'authorisations',
    'commands',
    'enrolment_tokens',
    'channels',
  ] as const
  const rows = await Promise.all(tables.map(of))
  const artefacts = await kysely.selectFrom('artefacts').select('sha256').execute()
  return [...rows.flat().map(({ id }) => String(id)), ...artefacts.map(({ sha256 }) => sha256)]
}

describe('T31 the secrets of all flows', () => {
  test('were there to be found', () => {
    expect(secrets.size).toBeGreaterThan(40)
    expect(logged.length).toBeGreaterThan(10)
    expect(found('canary own password and canary-filter')).toEqual(['a filter', 'a password of one’s own'])
  })

  test('are in no row of the database, nor is a bare hash of one', async () => {
    const dump = JSON.stringify(await dumpDatabase(database.kysely))
    for (const there of [
      'canary-person',
      'canary-by-provider',
      'canary-enrolled',
      'canary-waits',
      'canary-commanded',
    ]) {
      expect([there, dump.includes(there)]).toEqual([there, true])
    }
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

  test.each(['viewer', 'operator', 'approver', 'admin'] as const)(
    'T07 no %s can read any of them afterwards, pages and metrics included',
    async (role) => {
      const cookie = await signInAs(database.kysely, role, backend.clock)
      const readable = routeKeys.filter((key) => methodOf(key) === 'GET' && definitionOf(key).media !== 'events')
      const ids = [hostId, ...(await idsOfAll(database))]
      const paths = new Set([
        ...readable.flatMap((key) => ids.map((id) => pathOf(key, id))),
        ...['/metrics', '/healthz', '/readyz', '/api/v1/openapi.json', '/'],
      ])
      const answers: TestAnswer[] = []
      for (const path of paths) answers.push(await backend.call('GET', path, { cookie }))
      expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(15)
      expect(found(JSON.stringify(answers.map(({ headers, text }) => [headers, text])))).toEqual([])
    },
  )

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

// Goal: while the clocks of server and host are apart, whichever of them is wrong, nothing is sent, and it is said why; once
// they agree, what waited is done. Method: a server at each wrong time, hosts of the right time, a real database.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { WHOLE_FLEET } from '../hosts/host-scope.ts'
import { createUser } from '../http/test-users.ts'
import { createIngest } from '../ingest/ingest.ts'
import { type CommandKey, openCommandKey } from '../link/command-key.ts'
import { createDispatcher } from './dispatcher.ts'
import { requestAuthorisation } from './request-authorisation.ts'
import { addTestHost, createAgentStub, listeningLink } from './test-fleet.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
let database: TestDatabase
let folder: string
let key: CommandKey
let userId: string
beforeAll(async () => {
  database = await createTestDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-doubt-clock-'))
  key = await openCommandKey(folder)
  userId = await createUser(database.kysely, 'operator')
})
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

/** Asks for a refresh of a new host, by a server whose clock is wrong by as much as it says at each moment. */
const asked = async (wrongByMs: () => number) => {
  const clock = { now: () => new Date(Date.now() + wrongByMs()) }
  const ingest = createIngest({ database: database.kysely, clock })
  const host = await addTestHost(database.kysely, { now: clock.now() })
  const measure = () => ingest.clockMeasured(host.id, -wrongByMs())
  await measure()
  const actor = { kind: 'user', id: userId, name: 'operator', address: null } as const
  const id = await requestAuthorisation(
    database.kysely,
    {
      ...{ action: 'refresh', patch: null, artefact: null, provider: null, target: null, reason: 'test' },
      ...{ validHours: 24, downgrade: false, reversal: false, hosts: [{ id: host.id }] },
    },
    {
      ...{ actor, requestId: null, now: clock.now(), userId, username: 'operator', role: 'operator' },
      scope: WHOLE_FLEET,
    },
  )
  const log = { warn: () => undefined }
  const dispatcher = createDispatcher({
    ...{ database: database.kysely, clock, key, log },
    files: { read: async () => undefined },
  })
  const link = listeningLink(host)
  dispatcher.linkOpened(link)
  await dispatcher.look()
  const commands = () => link.sent.filter(({ type }) => type === 'command')
  const waitsFor = async () =>
    database.kysely
      .selectFrom('commands')
      .select(['state', 'waiting_for'])
      .where('authorisation_id', '=', id)
      .executeTakeFirstOrThrow()
  return { host, dispatcher, commands, measure, waitsFor, end: () => dispatcher.close() }
}

describe('T33 T21 the clock', () => {
  test.each([
    ['six minutes ahead', 6 * MINUTE],
    ['six minutes behind', -6 * MINUTE],
    ['a day ahead', DAY],
    ['a day behind', -DAY],
    ['in 1970', -Date.now()],
    ['in 2038', Date.UTC(2038, 0, 19, 3, 14, 8) - Date.now()],
  ])('of the server is %s: nothing is sent, and it says why', async (_name, wrongByMs) => {
    const { commands, waitsFor, end } = await asked(() => wrongByMs)
    expect(commands()).toEqual([])
    expect(await waitsFor()).toMatchObject({ state: 'waiting', waiting_for: expect.stringMatching(/clock/) })
    await end()
  })
  test('that was behind is put right: what waited is done', async () => {
    let wrongByMs = -6 * MINUTE
    const { host, dispatcher, commands, measure, end } = await asked(() => wrongByMs)
    expect(commands()).toEqual([])
    wrongByMs = 0
    await measure()
    await dispatcher.look()
    const [message] = commands()
    const stub = createAgentStub(host, key.publicKey, () => new Date())
    expect(message && stub.hear(message)).toMatchObject({ state: 'done' })
    await end()
  })
  test('is four minutes off: what is sent is still in time', async () => {
    const { host, commands, end } = await asked(() => 4 * MINUTE)
    const stub = createAgentStub(host, key.publicKey, () => new Date())
    const [message] = commands()
    expect(message && stub.hear(message)).toMatchObject({ state: 'done' })
    await end()
  })
})

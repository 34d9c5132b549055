// Goal: stored in a thread of its own, what agents say comes to the same, and nothing is acknowledged that is not stored. Method: the
// real thread on a real database; the thread is killed, and the connections of it.
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { createIngestApart } from './ingest-apart.ts'
import { enrolTestHost } from './test-host.ts'
import * as make from './test-messages.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const observe = vi.fn()
let ingest: ReturnType<typeof createIngestApart>
let hostId: string
beforeEach(async () => {
  observe.mockReset()
  ingest = createIngestApart({ connection: database.connection }, { observe })
  hostId = await enrolTestHost(database.kysely)
})
afterEach(() => ingest.close())

const now = () => new Date()
const open = () => ingest.linkOpened(hostId, 'link', make.hello({ epoch: 1, sequence: 1 }), now())
const snapshot = (sequence: number) => ingest.accept(hostId, make.snapshotMessage({ epoch: 1, sequence }), now())
const row = () =>
  database.kysely.selectFrom('hosts').select(['state', 'connected']).where('id', '=', hostId).executeTakeFirstOrThrow()

test('a host’s words are stored in their order, and each is counted', async () => {
  expect(await open()).toEqual({ clockSkewMs: null, snapshotWanted: true })
  expect(await snapshot(2)).toEqual({ snapshotWanted: false })
  expect(await row()).toEqual({ state: 'patched', connected: true })
  await ingest.clockMeasured(hostId, 5_000)
  await ingest.linkClosed(hostId, 'link', now())
  expect((await row()).connected).toBe(false)
  expect(observe.mock.calls).toEqual([['hello'], ['snapshot']])
})

test('a host that is not known is refused in the words of the contract, and not counted', async () => {
  const unknown = ingest.accept(randomUUID(), make.snapshotMessage({ epoch: 1, sequence: 1 }), now())
  await expect(unknown).rejects.toMatchObject({
    code: 'host_not_found',
    detail: expect.stringContaining('enrol it again'),
  })
  expect(observe).not.toHaveBeenCalled()
})

test('T37 a thread that ends fails what it had not stored, and the next word starts another', async () => {
  await open()
  await database.kysely.transaction().execute(async (holder) => {
    await sql`select from hosts where id = ${hostId} for update`.execute(holder)
    const waiting = snapshot(2)
    const failed = expect(waiting).rejects.toThrow('the thread that stores what hosts say has ended')
    await expect.poll(isWaiting).toBe(true)
    await ingest.close()
    await failed
  })
  expect(await snapshot(2)).toEqual({ snapshotWanted: false })
  expect((await row()).state).toBe('patched')
})

test('T37 a connection that breaks fails what was on it, and the thread opens another', async () => {
  await open()
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'rebootless ingest' and datname = current_database()`.execute(database.kysely)
  await expect.poll(() => snapshot(2).catch(() => undefined)).toEqual({ snapshotWanted: false })
})

const isWaiting = async () => {
  const { rows } = await sql`select from pg_stat_activity where application_name = 'rebootless ingest'
    and datname = current_database() and wait_event_type = 'Lock'`.execute(database.kysely)
  return rows.length > 0
}

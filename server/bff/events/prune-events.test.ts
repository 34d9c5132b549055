// Goal: the table of events stays bounded by emptying slots whole, loses nothing that is to be kept, and holds nobody up.
// Method: a real PostgreSQL; ids are set so that slots are full, other connections read, hold locks and write meanwhile.
import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EVENT_SLOTS, IDS_OF_A_SLOT } from '../database/event-slots.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { startTestBackend } from '../test-backend.ts'
import { appendEvents } from './append-event.ts'
import { EVENTS_KEPT, EVENTS_KEPT_MS, pruneEvents } from './prune-events.ts'
import { followStream } from './test-stream.ts'

const NOW = new Date('2026-11-27T12:00:00Z')
const before = (ms: number) => new Date(NOW.getTime() - ms)
const SLOT = Number(IDS_OF_A_SLOT)
const KEPT = Number(EVENTS_KEPT)
const ROUND = SLOT * EVENT_SLOTS.length

let database: TestDatabase
let clients: pg.Client[]
beforeEach(async () => {
  database = await createTestDatabase()
  clients = []
})
afterEach(async () => {
  for (const client of clients) await client.end()
  await database.drop()
})

const connect = async (): Promise<pg.Client> => {
  const client = new pg.Client({ ...database.connection, statement_timeout: 10_000 })
  clients.push(client)
  await client.connect()
  return client
}

/** Events of these ids, and the next one comes behind them. */
const fill = async (from: number, to: number, at = NOW): Promise<void> => {
  await sql`insert into events (id, type, host_id, revision, at)
    select id, 'host.removed', gen_random_uuid(), 1, ${at} from generate_series(${from}::bigint, ${to}::bigint) as id`.execute(
    database.kysely,
  )
  await sql`select setval('events_id_seq', ${to}::bigint)`.execute(database.kysely)
}

const append = (count: number, at = NOW) =>
  database.kysely.transaction().execute((transaction) =>
    appendEvents(
      transaction,
      Array.from({ length: count }, () => ({ type: 'freeze.changed' as const, hostId: null, revision: 0, at })),
    ),
  )

const kept = async (): Promise<{ oldest: number; newest: number; count: number }> => {
  const { rows } = await sql<{ oldest: number; newest: number; count: number }>`
    select min(id)::float8 as oldest, max(id)::float8 as newest, count(*)::float8 as count from events`.execute(
    database.kysely,
  )
  return rows[0] ?? { oldest: 0, newest: 0, count: 0 }
}

/** A table that was truncated has another file. */
const fileOf = async (slot: number): Promise<string> => {
  const { rows } = await sql<{
    file: string
  }>`select pg_relation_filenode(${EVENT_SLOTS[slot]}::regclass) as file`.execute(database.kysely)
  return rows[0]?.file ?? ''
}

const until = async (what: () => Promise<boolean>): Promise<void> => {
  while (!(await what())) await setImmediate()
}

test('slots that are past go whole, the newest 50,000 stay, and no moment shows a gap', async () => {
  await fill(SLOT, 4 * SLOT + 10)
  const files = await Promise.all([1, 2, 3, 0].map(fileOf))
  let pruning = true
  const looks: Awaited<ReturnType<typeof kept>>[] = []
  const looker = (async () => {
    while (pruning) looks.push(await kept())
  })()
  await pruneEvents(database.kysely, NOW)
  pruning = false
  await looker
  for (const { oldest, newest, count } of looks) expect(count).toBe(newest - oldest + 1)
  expect(await kept()).toEqual({ oldest: 3 * SLOT, newest: 4 * SLOT + 10, count: SLOT + 11 })
  expect(SLOT + 11).toBeGreaterThanOrEqual(KEPT)
  const after = await Promise.all([1, 2, 3, 0].map(fileOf))
  expect(after.map((file, n) => file !== files[n])).toEqual([true, true, false, false])
})

test('what is older than an hour goes out of any slot, what is younger stays', async () => {
  await fill(SLOT - 10, SLOT + 9, before(EVENTS_KEPT_MS + 1))
  await fill(SLOT + 10, SLOT + 20, before(EVENTS_KEPT_MS))
  const file = await fileOf(0)
  await pruneEvents(database.kysely, NOW)
  expect(await kept()).toEqual({ oldest: SLOT + 10, newest: SLOT + 20, count: 11 })
  expect(await fileOf(0)).not.toBe(file)
})

test('the newest one stays, however old', async () => {
  await pruneEvents(database.kysely, NOW)
  await fill(SLOT - 3, SLOT + 3, before(2 * EVENTS_KEPT_MS))
  await pruneEvents(database.kysely, NOW)
  expect(await kept()).toEqual({ oldest: SLOT + 3, newest: SLOT + 3, count: 1 })
})

test('who reads in a long transaction keeps what he sees, and neither he nor the emptying holds up a writer', async () => {
  await fill(1, 2 * SLOT + 10)
  const file = await fileOf(0)
  const reader = await connect()
  await reader.query('begin isolation level repeatable read')
  const count = async () => (await reader.query('select count(*)::int as count from events')).rows[0].count
  expect(await count()).toBe(2 * SLOT + 10)

  const pruned = pruneEvents(database.kysely, NOW)
  await Promise.all([pruned, append(1), append(1)])
  expect(await kept()).toEqual({ oldest: 2 * SLOT - KEPT + 11, newest: 2 * SLOT + 12, count: KEPT + 2 })
  expect(await fileOf(0)).toBe(file)
  expect(await count()).toBe(2 * SLOT + 10)
  await reader.query('commit')
})

test('of several backends one prunes at a time, and the others do not wait', async () => {
  await fill(1, 2 * SLOT + 10)
  const other = await connect()
  await other.query('begin')
  await other.query(`select pg_advisory_xact_lock(${0x52_62_6c_70})`)
  await pruneEvents(database.kysely, NOW)
  expect((await kept()).count).toBe(2 * SLOT + 10)
  await other.query('rollback')
  await Promise.all([1, 2, 3].map(() => pruneEvents(database.kysely, NOW)))
  expect(await kept()).toEqual({ oldest: SLOT, newest: 2 * SLOT + 10, count: SLOT + 11 })
})

test('every id finds a slot: over the edge of one, over the end of the ring, and far beyond', async () => {
  for (const last of [SLOT - 2, ROUND - 2, 3 * ROUND + SLOT - 2, 9_007_199_254_740_000]) {
    await sql`select setval('events_id_seq', ${last}::bigint)`.execute(database.kysely)
    const { count } = await kept()
    await append(4)
    expect(await kept()).toMatchObject({ newest: last + 4, count: count + 4 })
  }
})

test('where nobody pruned for a whole round, what was there before goes out of the slot that is written to', async () => {
  await fill(1, 100)
  await fill(ROUND - SLOT - 5, ROUND + 10)
  await pruneEvents(database.kysely, NOW)
  expect(await kept()).toEqual({ oldest: ROUND - SLOT, newest: ROUND + 10, count: SLOT + 11 })
})

test('a slot that is written to after it was chosen is not emptied', async () => {
  await fill(1, 10)
  await fill(SLOT, 2 * SLOT + 10)
  const writer = await connect()
  await writer.query('begin')
  await writer.query(`insert into events (id, type, revision, at) values (${ROUND}, 'freeze.changed', 0, now())`)
  let ended = false
  const pruned = pruneEvents(database.kysely, NOW).finally(() => (ended = true))
  // On a busy machine it may have given up before we saw it wait.
  await until(async () => {
    if (ended) return true
    const { rows } = await sql`select from pg_locks where not granted and relation = 'events_0'::regclass
      and database = (select oid from pg_database where datname = current_database())`.execute(database.kysely)
    return rows.length > 0
  })
  await writer.query('commit')
  await pruned
  const { rows } = await writer.query(
    `select id::int from events where id in (10, ${2 * SLOT + 10}, ${ROUND}) order by id`,
  )
  expect(rows.map(({ id }) => id)).toEqual([2 * SLOT + 10, ROUND])
})

test('a page whose last event went with its slot is told to begin anew; one whose next is there gets it', async () => {
  // The backend prunes too, by its own clock.
  const now = new Date()
  await fill(SLOT - 5, SLOT - 1, new Date(now.getTime() - 2 * EVENTS_KEPT_MS))
  await append(3, now)
  await pruneEvents(database.kysely, now)
  const backend = await startTestBackend(database)
  try {
    const session = await backend.signIn()
    const late = await followStream(backend, session, String(SLOT - 3))
    await late.until(({ event }) => event?.type === 'reset')
    late.stop()
    const near = await followStream(backend, session, String(SLOT - 1))
    await near.until(({ id, event }) => event?.type === 'freeze.changed' && id === String(SLOT + 2))
    expect(near.blocks.some(({ event }) => event?.type === 'reset')).toBe(false)
    near.stop()
  } finally {
    await backend.close()
  }
})

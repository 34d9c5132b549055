// Goal: events of an earlier release are there in slots, and a backend of that release goes on beside the new one. Method: a real
// PostgreSQL, migrated up to the step before; a role with the rights of that release writes and prunes before and after the step.
import { randomBytes } from 'node:crypto'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EVENT_SLOTS, IDS_OF_A_SLOT } from './event-slots.ts'
import { migrate } from './migrate.ts'
import { eventSlots } from './migrations/0037-event-slots.ts'
import { migrations } from './migrations/index.ts'
import type { DatabaseSchema } from './schema.ts'
import { createTestDatabase, type TestDatabase } from './test-database.ts'

const role = `rebootless_test_${randomBytes(6).toString('hex')}`
const schema = 'older'
let database: TestDatabase
const opened: Kysely<DatabaseSchema>[] = []
const connect = (options: string): Kysely<DatabaseSchema> => {
  const pool = new pg.Pool({ ...database.connection, max: 1, options })
  const kysely = new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) })
  opened.push(kysely)
  return kysely
}
beforeAll(async () => {
  database = await createTestDatabase()
  await sql`create role ${sql.id(role)} login`.execute(database.kysely)
  await sql`create schema ${sql.id(schema)}`.execute(database.kysely)
})
afterAll(async () => {
  for (const kysely of opened) await kysely.destroy()
  await sql`drop owned by ${sql.id(role)}`.execute(database.kysely)
  await sql`drop role ${sql.id(role)}`.execute(database.kysely)
  await database.drop()
})

const insert = async (kysely: Kysely<DatabaseSchema>): Promise<number> => {
  const { rows } = await sql<{ id: string }>`insert into events (type, host_id, user_id, rollout_id, revision, at)
    values ('host.changed', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 7, now()) returning id`.execute(
    kysely,
  )
  return Number(rows[0]?.id)
}
const all = async (kysely: Kysely<DatabaseSchema>) =>
  (await kysely.selectFrom('events').selectAll().orderBy('id').execute()).map((row) =>
    JSON.stringify(row, Object.keys(row).sort()),
  )

test('rows, ids and rights are as they were', async () => {
  const owner = connect(`-c search_path=${schema}`)
  const older = connect(`-c search_path=${schema} -c role=${role}`)
  await migrate(owner, migrations.slice(0, migrations.indexOf(eventSlots)))
  // As prepareSchema of that release did it.
  await sql`grant usage on schema ${sql.id(schema)} to ${sql.id(role)}`.execute(owner)
  await sql`grant select, insert, update, delete on all tables in schema ${sql.id(schema)} to ${sql.id(role)}`.execute(
    owner,
  )
  await sql`grant usage, select on all sequences in schema ${sql.id(schema)} to ${sql.id(role)}`.execute(owner)
  expect(await insert(older)).toBe(1)
  await sql`select setval('events_id_seq', 99998)`.execute(owner)
  for (const id of [99_999, 100_000]) expect(await insert(older)).toBe(id)
  const before = await all(older)

  expect(await migrate(owner, migrations.slice(0, migrations.indexOf(eventSlots) + 1))).toEqual([eventSlots.id])
  expect(await all(older)).toEqual(before)
  expect(await insert(older)).toBe(100_001)
  await older.deleteFrom('events').where('id', '<', '100000').execute()
  expect(await all(older)).toHaveLength(2)
  await expect(
    sql`insert into events (id, type, revision, at) values (100000, 'x', 0, now())`.execute(owner),
  ).rejects.toMatchObject({
    code: '23505',
  })
})

test('the slots that the program knows are those of the schema', async () => {
  const { rows } = await sql<{ name: string; slot: string }>`
    select relname::text as name, pg_get_expr(relpartbound, pg_class.oid) as slot
    from pg_inherits join pg_class on pg_class.oid = inhrelid where inhparent = 'events'::regclass order by relname`.execute(
    database.kysely,
  )
  expect(rows).toEqual(EVENT_SLOTS.map((name, n) => ({ name, slot: `FOR VALUES IN ('${n}')` })))
  const id = IDS_OF_A_SLOT * 3n
  await sql`insert into events (id, type, revision, at) values (${String(id)}, 'x', 0, now())`.execute(database.kysely)
  const found = await sql`select from events_3 where id = ${String(id)}`.execute(database.kysely)
  expect(found.rows).toHaveLength(1)
})

// Goal: the role that the program works under does its work and cannot change the audit log. Method: a role made for the
// test, on a migrated database, tries each statement.
import { randomBytes } from 'node:crypto'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrations } from './migrations/index.ts'
import { prepareSchema } from './prepare-schema.ts'
import type { DatabaseSchema } from './schema.ts'
import { createTestDatabase, type TestDatabase } from './test-database.ts'

const role = `rebootless_test_${randomBytes(6).toString('hex')}`
let database: TestDatabase
let application: Kysely<DatabaseSchema>
const warnings: string[] = []
const log = {
  info: () => undefined,
  error: () => undefined,
  warn: (...said: unknown[]) => void warnings.push(String(said.at(-1))),
}
beforeAll(async () => {
  database = await createTestDatabase()
  await sql`create role ${sql.id(role)} login`.execute(database.kysely)
  const pool = new pg.Pool({ ...database.connection, max: 2, options: `-c role=${role}` })
  application = new Kysely({ dialect: new PostgresDialect({ pool }) })
  const prepare = () => prepareSchema({ kysely: application, owner: database.connection }, migrations, log)
  // Two backends that start at once, and one later.
  await Promise.all([prepare(), prepare()])
  await prepare()
})
afterAll(async () => {
  await application.destroy()
  await sql`drop owned by ${sql.id(role)}`.execute(database.kysely)
  await sql`drop role ${sql.id(role)}`.execute(database.kysely)
  await database.drop()
})

const entry = (kysely: Kysely<DatabaseSchema>) =>
  kysely
    .insertInto('audit')
    .values({
      ...{ at: new Date(), action: 'a.b', actor_name: 'ann', target_id: null, target_name: null },
      ...{ result: 'done', entry: '{}' },
    })
    .execute()

describe('T30 the role of the program', () => {
  test('reads and changes its rows, and adds to the log', async () => {
    await sql`insert into sign_in_attempts values ('x', now(), 1)`.execute(application)
    await sql`update sign_in_attempts set attempts = 2`.execute(application)
    await sql`delete from sign_in_attempts`.execute(application)
    await sql`insert into events (type, host_id, revision, at) select 'host.changed', gen_random_uuid(), 1, now()`.execute(
      application,
    )
    await sql`truncate events_3`.execute(application)
    await entry(application)
    expect(await application.selectFrom('audit').select('sequence').execute()).toHaveLength(1)
    expect(warnings).toEqual([])
  })

  test.each([
    "update audit set entry = ''",
    'delete from audit',
    'truncate audit',
    "update audit_heads set hash = ''",
    'delete from audit_heads',
    'update rollout_decisions set number = 0',
    'delete from rollout_decisions',
    'alter table audit disable trigger all',
    'drop table audit',
    'drop function audit_link() cascade',
    "create or replace function audit_refuse_change() returns trigger language plpgsql as 'begin return new; end'",
    'set session_replication_role = replica',
    'create table mine (n int)',
    'truncate events',
    'alter table events detach partition events_0',
    'create table events_4 partition of events for values in (4)',
    'delete from schema_migration',
  ])('%s: refused', async (statement) => {
    await expect(sql.raw(statement).execute(application)).rejects.toMatchObject({
      code: expect.stringMatching(/^(42501|2BP01)$/),
    })
    expect((await database.kysely.selectFrom('audit').select('entry').execute()).map((row) => row.entry)).toEqual([
      '{}',
    ])
  })

  test('where it owns the tables, that is said', async () => {
    await prepareSchema({ kysely: database.kysely, owner: database.connection }, migrations, log)
    expect(warnings).toEqual([expect.stringMatching(/owns the audit log/)])
  })
})

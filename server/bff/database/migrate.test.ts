// Goal: each step happens once and wholly, whoever starts when, and a newer database is left alone.
// Method: the rule itself, then real databases with two pools that start together.
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { migrate, nextMigration } from './migrate.ts'
import type { Migration } from './migration.ts'
import { createTestDatabase, type TestDatabase } from './test-database.ts'

const step = (id: string, up: Migration['up'] = async () => undefined): Migration => ({ id, up })

describe('which step is next', () => {
  const steps = [step('0001-a'), step('0002-b')]
  test('the first that the database lacks, and none at the end', () => {
    expect(nextMigration(steps, new Set())?.id).toBe('0001-a')
    expect(nextMigration(steps, new Set(['0001-a']))?.id).toBe('0002-b')
    expect(nextMigration(steps, new Set(['0001-a', '0002-b']))).toBeUndefined()
  })
  test('a database with unknown steps is newer, and refused', () => {
    expect(() => nextMigration(steps, new Set(['0001-a', '0003-c']))).toThrow(/newer than this program.*0003-c/)
  })
  test('a database that skipped a step is refused', () => {
    expect(() => nextMigration(steps, new Set(['0002-b']))).toThrow(/0002-b but not 0001-a/)
  })
})

describe('in a database', () => {
  let database: TestDatabase
  let other: Kysely<unknown>
  beforeAll(async () => {
    database = await createTestDatabase()
    other = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ ...database.connection, max: 2 }) }) })
  })
  beforeEach(async () => {
    await sql`drop table if exists schema_migration, counted`.execute(other)
  })
  afterAll(async () => {
    await other.destroy()
    await database.drop()
  })

  test('two backends that start at once run each step once', async () => {
    const steps = [
      step('0001-table', async (transaction) => {
        await sql`create table counted (id int)`.execute(transaction)
        await sql`select pg_sleep(0.1)`.execute(transaction)
      }),
      step('0002-row', async (transaction) => {
        await sql`insert into counted values (1)`.execute(transaction)
      }),
    ]
    const applied = await Promise.all([migrate(database.kysely, steps), migrate(other, steps)])
    expect(applied.flat().sort()).toEqual(['0001-table', '0002-row'])
    expect((await sql`select id from counted`.execute(other)).rows).toEqual([{ id: 1 }])
    expect(await migrate(other, steps)).toEqual([])
  })

  test('a step that fails leaves nothing of itself, and those before it stay', async () => {
    const failing = step('0002-fails', async (transaction) => {
      await sql`insert into counted values (1)`.execute(transaction)
      throw new Error('half-way')
    })
    const table = step('0001-table', async (transaction) => {
      await sql`create table counted (id int)`.execute(transaction)
    })
    await expect(migrate(other, [table, failing])).rejects.toThrow('half-way')
    expect((await sql`select * from counted`.execute(other)).rows).toEqual([])
    expect((await sql`select id from schema_migration`.execute(other)).rows).toEqual([{ id: '0001-table' }])
  })

  test('a newer database is not touched', async () => {
    await migrate(other, [step('0001-a'), step('0002-b')])
    await expect(migrate(other, [step('0001-a')])).rejects.toThrow(/newer than this program/)
  })

  test('ids out of order are a mistake of the program', async () => {
    await expect(migrate(other, [step('0002-b'), step('0001-a')])).rejects.toThrow(/0001-a must come after/)
  })
})

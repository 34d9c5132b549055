// Goal: what any earlier release left in a database is taken by today's schema. Method: real PostgreSQL; each step of the schema runs over
// tables that all have rows, and an archive of an older schema is restored by this program.
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate } from '../database/migrate.ts'
import { migrations } from '../database/migrations/index.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { dumpDatabase } from '../database/test-dump.ts'
import { schemaOf, startBackupBench } from './test-backup.ts'
import { fillEveryTable } from './test-fill.ts'

let bench: Awaited<ReturnType<typeof startBackupBench>>
let today: TestDatabase
let wanted: string[]
beforeAll(async () => {
  bench = await startBackupBench()
  today = await createTestDatabase()
  wanted = await schemaOf(today.kysely)
})
afterAll(async () => {
  await today.drop()
  await bench.end()
})

test('each step of the schema runs over tables with rows, and comes to the schema of a new database', async () => {
  const database = await bench.bare()
  for (const [index, { id }] of migrations.entries()) {
    expect(await migrate(database.kysely, migrations.slice(0, index + 1)), id).toEqual([id])
    await fillEveryTable(database.kysely)
  }
  expect(await schemaOf(database.kysely)).toEqual(wanted)
})

test.each(['0012-audit-chain', '0020-kernel-readings', migrations.at(-2)?.id ?? ''])(
  'an archive of %s is restored, and its rows are there under the schema of today',
  async (last) => {
    const database = await bench.bare()
    const older = migrations.filter(({ id }) => id <= last)
    await migrate(database.kysely, older)
    await fillEveryTable(database.kysely)
    const { file } = await bench.backup(database, await bench.newDataFolder())
    const { database: restored } = await bench.restore(file)
    expect(await schemaOf(restored.kysely)).toEqual(wanted)
    const pool = new pg.Pool({ ...restored.connection, max: 1 })
    const kysely = new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) })
    expect(await migrate(kysely, migrations)).toEqual([])
    await kysely.destroy()
    const [before, after] = [await dumpDatabase(database.kysely), await dumpDatabase(restored.kysely)]
    expect(after.users?.length).toBe(before.users?.length)
    expect(after.events?.length).toBe(before.events?.length)
    expect(after.schema_migration?.slice(0, older.length)).toEqual(before.schema_migration)
    expect(after.audit?.[0]).toContain((JSON.parse(before.audit?.[0] ?? '{}') as { hash: string }).hash)
  },
)

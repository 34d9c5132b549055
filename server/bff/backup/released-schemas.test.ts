// Goal: whoever runs a release can go on with this program and loses nothing. Method: the database of each release, made by its own
// statements and holding rows of a server that ran (server/build/write-released-schema.ts), is migrated and served from.
import { afterAll, expect, test } from 'vitest'
import { migrate } from '../database/migrate.ts'
import { migrations } from '../database/migrations/index.ts'
import { createBareDatabase, createTestDatabase } from '../database/test-database.ts'
import { chainFaults, dumpDatabase } from '../database/test-dump.ts'
import { startTestBackend } from '../test-backend.ts'
import { schemaOf } from './test-backup.ts'
import { readReleased, releasedNames, restoreReleased } from './test-released.ts'

const today = await createTestDatabase()
const wanted = await schemaOf(today.kysely)
afterAll(() => today.drop())

/** Rows as objects; of columns of then only. */
const parsed = (rows: readonly string[] = []) => rows.map((row): Record<string, unknown> => JSON.parse(row))

test.each(await releasedNames())(
  '%s: every row is kept, the audit chain holds, and a backend serves it',
  async (name) => {
    const released = await readReleased(name)
    const database = await createBareDatabase()
    try {
      await restoreReleased(database.connection, released)
      const before = await dumpDatabase(database.kysely)
      const empty = Object.entries(before).filter(([, rows]) => rows.length === 0)
      expect(empty.map(([table]) => table)).toEqual([])
      const old = new Set(released.steps.map(({ id }) => id))
      expect(await migrate(database.kysely, migrations)).toEqual(
        migrations.map(({ id }) => id).filter((id) => !old.has(id)),
      )
      expect(await schemaOf(database.kysely)).toEqual(wanted)
      const after = await dumpDatabase(database.kysely)
      for (const { name: table } of released.tables) {
        if (table === 'schema_migration') continue
        expect(after[table]?.length, table).toBe(before[table]?.length)
      }
      expect(parsed(after.users)).toMatchObject(parsed(before.users))
      expect(await chainFaults(database.kysely)).toEqual([])

      const backend = await startTestBackend(database)
      try {
        const cookie = await backend.signIn()
        const read = async (path: string) => {
          const answer = await backend.call('GET', path, { cookie })
          expect(answer.status, `${path}: ${answer.text.slice(0, 300)}`).toBe(200)
          return answer.json<{ items: { id: string }[] }>()
        }
        const { items: hosts } = await read('/api/v1/hosts?limit=50')
        expect(hosts).toHaveLength(before.hosts?.length ?? 0)
        for (const { id } of hosts) await read(`/api/v1/hosts/${id}`)
        for (const page of ['fleet', 'audit?limit=50', 'commands', 'users']) await read(`/api/v1/${page}`)
        await backend.commands.look()
      } finally {
        await backend.close()
      }
      expect(await chainFaults(database.kysely)).toEqual([])
    } finally {
      await database.drop()
    }
  },
)

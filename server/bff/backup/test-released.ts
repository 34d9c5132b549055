import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { brotliDecompress } from 'node:zlib'
import { type RawBuilder, sql } from 'kysely'
import type { PoolConfig } from 'pg'
import { ReleasedSchema } from '../../build/released-schema.ts'
import { kyselyOver } from '../database/kysely-over.ts'
import type { Migration } from '../database/migration.ts'
import { loadTables, makeSchema } from './load-database.ts'
import { withClient } from './test-backup.ts'

const FOLDER = new URL('../database/released/', import.meta.url)

/** Names of the releases whose databases are kept, oldest first. */
export const releasedNames = async (): Promise<string[]> =>
  (await readdir(FOLDER)).filter((name) => name.endsWith('.json.br')).sort()

export const readReleased = async (name: string): Promise<ReleasedSchema> =>
  ReleasedSchema.parse(
    JSON.parse((await promisify(brotliDecompress)(await readFile(new URL(name, FOLDER)))).toString('utf8')),
  )

/**
 * Makes of an empty database the one that the release left, by the release's own statements.
 * @param rows `all`: of tables too that the release had left empty
 */
export const restoreReleased = (
  connection: PoolConfig,
  released: ReleasedSchema,
  rows: 'all' | "the server's own",
): Promise<void> =>
  withClient(connection, async (client) => {
    const steps = released.steps.map(({ id, statements }): Migration => {
      const all: RawBuilder<unknown>[] = statements.map((statement) => sql.raw(statement))
      return {
        id,
        up: async (transaction) => {
          for (const statement of all) await statement.execute(transaction)
        },
      }
    })
    await kyselyOver(client)
      .transaction()
      .execute(async (transaction) => {
        const header = { tables: released.tables, program: released.release }
        const finish = await makeSchema(client, transaction, header, steps)
        const loader = loadTables(client, header)
        for (const { name, rows: lines, made } of released.tables) {
          if (lines !== '' && (rows === 'all' || !made)) await loader.piece(name, Buffer.from(lines))
        }
        await loader.end()
        await finish(released.sequences)
      })
  })

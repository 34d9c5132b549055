import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg, { type PoolConfig } from 'pg'
import * as z from 'zod'
import { dumpTable, inSnapshot, readSequences } from '../bff/backup/dump-database.ts'
import type { Migration } from '../bff/database/migration.ts'

/**
 * The database of a release as the release itself made it: each statement of its migrations, and the rows of a server that ran. Neither
 * changes with the sources of today, which is what it is for.
 */
export const ReleasedSchema = z.strictObject({
  format: z.literal('rebootless released schema'),
  release: z.string().min(1),
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  steps: z.array(z.strictObject({ id: z.string(), statements: z.array(z.string()) })),
  /** `rows` as COPY's text has them. */
  tables: z.array(z.strictObject({ name: z.string(), columns: z.array(z.string()), rows: z.string() })),
  sequences: z.array(z.strictObject({ name: z.string(), last: z.string(), called: z.boolean() })),
})
export type ReleasedSchema = z.infer<typeof ReleasedSchema>

/** Runs the migrations on an empty database, and tells what they said to it. */
export const recordSteps = async (
  connection: PoolConfig,
  migrations: readonly Migration[],
): Promise<ReleasedSchema['steps']> => {
  let statements: string[] = []
  const kysely = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ ...connection, max: 1 }) }),
    log: ({ query }) => void statements.push(withValues(query.sql, query.parameters)),
  })
  const steps: ReleasedSchema['steps'] = []
  try {
    for (const { id, up } of migrations) {
      statements = []
      await kysely.transaction().execute((transaction) => up(transaction as Transaction<unknown>))
      steps.push({ id, statements })
    }
  } finally {
    await kysely.destroy()
  }
  return steps
}

const withValues = (statement: string, values: readonly unknown[]): string =>
  statement.replaceAll(/\$(\d+)/g, (place, number: string) =>
    values.length === 0 ? place : pg.escapeLiteral(String(values[Number(number) - 1])),
  )

/** Every row of one moment. */
export const readRows = async (client: pg.Client): Promise<Pick<ReleasedSchema, 'tables' | 'sequences'>> =>
  inSnapshot(client, async ({ tables: found }) => {
    const tables: ReleasedSchema['tables'] = []
    for (const { name, columns } of found) {
      tables.push({ name, columns: [...columns], rows: await text(dumpTable(client, { name, columns }) as Readable) })
    }
    return { tables, sequences: await readSequences(client) }
  })

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
  /** `rows` as COPY's text has them; `made`: the server had left the table empty, and a row of any values was put in. */
  tables: z.array(
    z.strictObject({ name: z.string(), columns: z.array(z.string()), rows: z.string(), made: z.boolean() }),
  ),
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

/** Feeds that ship bring tens of thousands of rows, of which so many show how they are kept. */
const ROWS_MAX = 200

/** COPY ends each row by a line feed, and writes those of values as `\\n`. */
const firstLines = (rows: string): string => {
  const lines = rows.split('\n')
  return lines.length <= ROWS_MAX + 1 ? rows : `${lines.slice(0, ROWS_MAX).join('\n')}\n`
}

/** Rows of one moment: all, or the first of a table whose rows no other needs. */
export const readRows = async (
  client: pg.Client,
  made: ReadonlySet<string>,
): Promise<Pick<ReleasedSchema, 'tables' | 'sequences'>> =>
  inSnapshot(client, async ({ tables: found }) => {
    const { rows: keys } = await client.query<{ name: string }>(
      `select distinct confrelid::regclass::text as name from pg_constraint where contype = 'f'`,
    )
    const needed = new Set(keys.map(({ name }) => name))
    const tables: ReleasedSchema['tables'] = []
    for (const { name, columns } of found) {
      const rows = await text(dumpTable(client, { name, columns }) as Readable)
      tables.push({
        name,
        columns: [...columns],
        rows: needed.has(name) ? rows : firstLines(rows),
        made: made.has(name),
      })
    }
    return { tables, sequences: await readSequences(client) }
  })

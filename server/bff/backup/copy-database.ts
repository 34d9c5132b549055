import pg, { type Client, type PoolConfig } from 'pg'
import { kyselyOver } from '../database/kysely-over.ts'
import { nextMigration } from '../database/migrate.ts'
import type { Migration } from '../database/migration.ts'
import { BackupError } from './backup-error.ts'
import { dumpTable, inSnapshot, quoted, readSequences, type TableColumns } from './dump-database.ts'
import { loadTables, makeSchema } from './load-database.ts'

export interface CopyRequest {
  /** Of a server to which nobody else writes; as a role that may read every table. */
  readonly from: PoolConfig
  /** An empty database, as the role that is to own the tables. */
  readonly into: PoolConfig
}

export interface CopyReport {
  readonly tables: number
  readonly rows: number
}

/**
 * Copies the whole database to another server, of any major version of PostgreSQL, with the schema that it has: rows by COPY in
 * one transaction, which ends once every table has the same rows on both sides.
 * @throws BackupError
 */
export const copyDatabase = async (
  { from, into }: CopyRequest,
  known: readonly Migration[],
  program: string,
): Promise<CopyReport> =>
  connected(from, async (source) => {
    // Made, and killed before its first step.
    if (!(await hasSchema(source))) return { tables: 0, rows: 0 }
    return connected(into, (target) => copyInto(source, target, known, program))
  })

const copyInto = (source: Client, target: Client, known: readonly Migration[], program: string): Promise<CopyReport> =>
  inSnapshot(source, async ({ tables, migrations }) => {
    // Of a newer program: said before anything is made.
    nextMigration(known, new Set(migrations))
    const done = known.filter(({ id }) => migrations.includes(id))
    const header = { tables: [...tables], program }
    const report = await kyselyOver(target)
      .transaction()
      .execute(async (transaction) => {
        await target.query('set local statement_timeout = 0')
        await target.query('set local idle_in_transaction_session_timeout = 0')
        const finishSchema = await makeSchema(target, transaction, header, done)
        const loader = loadTables(target, header)
        for (const table of tables) {
          for await (const bytes of dumpTable(source, table)) await loader.piece(table.name, Buffer.from(bytes))
        }
        await loader.end()
        await finishSchema(await readSequences(source))
        let rows = 0
        for (const table of tables) rows += await sameRows(source, target, table)
        return { tables: tables.length, rows }
      })
    // Until it knows how many rows there are, every first page is planned for none.
    await target.query('analyze')
    return report
  })

/**
 * How many rows a table has on both sides, told by the sum of what each row hashes to, so that their order does not count.
 * It finds mistakes and bad disks; it is no seal.
 */
const sameRows = async (source: Client, target: Client, { name, columns }: TableColumns): Promise<number> => {
  const text = `
    select count(*)::text as rows,
      coalesce(sum(('x' || left(md5(row(${columns.map(quoted).join()})::text), 16))::bit(64)::bigint::numeric), 0)::text as sum
    from ${quoted(name)}`
  const [before, after] = await Promise.all(
    [source, target].map(async (client) => (await client.query<{ rows: string; sum: string }>(text)).rows[0]),
  )
  if (before !== undefined && before.rows === after?.rows && before.sum === after.sum) return Number(before.rows)
  throw new BackupError(
    `The rows of ${name} are not the same after they were copied (${before?.rows} and ${after?.rows}): check the disk.`,
  )
}

const hasSchema = async (client: Client): Promise<boolean> => {
  const { rows } = await client.query<{ there: boolean }>(`select to_regclass('schema_migration') is not null as there`)
  return rows[0]?.there === true
}

const connected = async <T>(target: PoolConfig, work: (client: Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ ...target, application_name: 'rebootless upgrade', keepAlive: true })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

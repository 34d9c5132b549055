import type { Client } from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import type { ArchiveHeader, ArchiveManifest } from './archive-schema.ts'
import { BackupError } from './backup-error.ts'

export type TableColumns = ArchiveHeader['tables'][number]

/** A migration that runs holds tables for so long at the most before a backup gives up. */
const LOCK_MS_MAX = 60_000
const ATTEMPTS_MAX = 3

/** Tables of our schema with the columns that are stored; a partitioned table is one. What is computed is left out. */
export const listTables = async (client: Client): Promise<TableColumns[]> => {
  const { rows } = await client.query<{ name: string; columns: string[] }>(`
    select relname::text as name, array_agg(attname::text order by attnum) as columns
    from pg_class join pg_attribute on attrelid = pg_class.oid
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and not relispartition
      and attnum > 0 and not attisdropped and attgenerated = ''
    group by relname order by relname`)
  return rows
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/**
 * Runs `work` in one transaction that sees one moment of the database, beside all who write. All tables are held against
 * being changed in form before that moment is chosen: a table that is rewritten after it would look empty to it
 * (PostgreSQL manual, 13.6, "Caveats").
 */
export const inSnapshot = async <T>(
  client: Client,
  work: (snapshot: { tables: readonly TableColumns[]; at: Date; migrations: readonly string[] }) => Promise<T>,
): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    const before = await listTables(client)
    if (!before.some(({ name }) => name === 'schema_migration')) {
      throw new BackupError('The database holds nothing of Rebootless: there is nothing to back up.')
    }
    await client.query('begin transaction isolation level repeatable read read only')
    try {
      await client.query(`set local statement_timeout = 0`)
      await client.query(`set local idle_in_transaction_session_timeout = 0`)
      await client.query(`set local lock_timeout = ${LOCK_MS_MAX}`)
      await client.query(`lock table ${before.map(({ name }) => quoted(name)).join()} in access share mode`)
      const tables = await listTables(client)
      if (JSON.stringify(tables) !== JSON.stringify(before)) {
        if (attempt === ATTEMPTS_MAX) throw new BackupError('The schema is being changed: try again when it is done.')
        continue
      }
      const { rows } = await client.query<{ at: Date; ids: string[] }>(`
        select clock_timestamp() as at, coalesce(array_agg(id order by id), '{}') as ids from schema_migration`)
      const [row] = rows
      if (row === undefined) throw new Error('no answer')
      return await work({ tables, at: row.at, migrations: row.ids })
    } finally {
      await client.query('rollback').catch(() => undefined)
    }
  }
}

/** Rows of one table, as COPY's text: a line a row. */
export const dumpTable = (client: Client, { name, columns }: TableColumns): AsyncIterable<Uint8Array> =>
  client.query(copyTo(`copy (select ${columns.map(quoted).join()} from ${quoted(name)}) to stdout`))

/** Read after the tables: a sequence stands outside of transactions, so each is as far as every row, or further. */
export const readSequences = async (client: Client): Promise<ArchiveManifest['sequences']> => {
  const { rows } = await client.query<{ name: string }>(`
    select relname::text as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind = 'S' order by relname`)
  const sequences: ArchiveManifest['sequences'] = []
  for (const { name } of rows) {
    const found = await client.query<{ last: string; called: boolean }>(
      `select last_value::text as last, is_called as called from ${quoted(name)}`,
    )
    const [row] = found.rows
    if (row !== undefined) sequences.push({ name, ...row })
  }
  return sequences
}

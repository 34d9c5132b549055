import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { sql, type Transaction } from 'kysely'
import type { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { nextMigration } from '../database/migrate.ts'
import type { Migration } from '../database/migration.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { ArchiveHeader, ArchiveManifest } from './archive-schema.ts'
import { BackupError, messageOf } from './backup-error.ts'
import { listTables, quoted } from './dump-database.ts'

type Within = Transaction<DatabaseSchema>

/** @throws BackupError: something is in the database */
export const requireEmptyDatabase = async (client: Client): Promise<void> => {
  const { rows } = await client.query<{ name: string }>(`
    select relname::text as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'v', 'S') order by relname limit 1`)
  const [found] = rows
  if (found === undefined) return
  throw new BackupError(
    `The database is not empty: it has ${found.name}, for one. A restore writes over nothing: make an empty database ` +
      'and set DATABASE_URL to it, or, with the embedded one, move the data directory away.',
  )
}

/**
 * The steps of the schema that an archive had had, of those that this program knows, and those that are to follow.
 * @throws BackupError: the archive knows others
 */
export const stepsOf = (
  { migrations: had, program }: Pick<ArchiveHeader, 'migrations' | 'program'>,
  known: readonly Migration[],
): { done: readonly Migration[]; toCome: readonly Migration[] } => {
  try {
    nextMigration(known, new Set(had))
  } catch {
    const strange = had.filter((id) => !known.some((one) => one.id === id))
    const which = strange.length > 0 ? `it has had ${strange.join(', ')}, unknown here` : 'its history is another one'
    throw new BackupError(
      `The archive was made by another Rebootless (${program}): ${which}. Restore it by the Rebootless that made it, or a newer one.`,
    )
  }
  return { done: known.filter(({ id }) => had.includes(id)), toCome: known.filter(({ id }) => !had.includes(id)) }
}

interface ForeignKey {
  readonly table: string
  readonly name: string
  readonly definition: string
}

/**
 * Makes the schema as the archive had it, ready to be filled in any order: foreign keys are away, triggers are off, and what
 * migrations put in is out.
 * @returns puts foreign keys, triggers and sequences as they were; every row is then held against every key
 */
export const makeSchema = async (
  client: Client,
  transaction: Within,
  header: Pick<ArchiveHeader, 'tables' | 'program'>,
  done: readonly Migration[],
): Promise<(sequences: ArchiveManifest['sequences']) => Promise<void>> => {
  await client.query(
    'create table schema_migration (id text primary key, applied_at timestamptz not null default now())',
  )
  for (const { up } of done) await up(transaction as Transaction<unknown>)
  const tables = await listTables(client)
  requireSameTables(tables, header)
  const { rows: keys } = await client.query<ForeignKey>(`
    select conrelid::regclass::text as table, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
    from pg_constraint
    where contype = 'f' and conparentid = 0 and connamespace = current_schema()::regnamespace
    order by conrelid::regclass::text, conname`)
  for (const { table, name } of keys) await client.query(`alter table ${table} drop constraint ${name}`)
  const names = tables.map(({ name }) => quoted(name))
  for (const name of names) await client.query(`alter table ${name} disable trigger user`)
  await client.query(`truncate ${names.join()}`)

  return async (sequences) => {
    for (const name of names) await client.query(`alter table ${name} enable trigger user`)
    for (const { table, name, definition } of keys) {
      await client.query(`alter table ${table} add constraint ${name} ${definition}`)
    }
    for (const { name, last, called } of sequences) {
      await client.query('select setval($1::regclass, $2::bigint, $3)', [quoted(name), last, called])
    }
  }
}

const requireSameTables = (
  found: ArchiveHeader['tables'],
  { tables, program }: Pick<ArchiveHeader, 'tables' | 'program'>,
): void => {
  const shape = (list: ArchiveHeader['tables']) =>
    JSON.stringify(list.map(({ name, columns }) => [name, [...columns].sort()]))
  if (shape(found) === shape(tables)) return
  const differs = tables.find(
    ({ name }) => !shape(found).includes(shape(tables.filter((one) => one.name === name)).slice(1, -1)),
  )
  throw new BackupError(
    `The schema is not the one that these migrations make (${differs?.name ?? 'a table is missing'}): it was made by ` +
      `another build of Rebootless ${program}, or changed by hand. Restore it by the build that made it.`,
  )
}

export interface TableLoader {
  piece(table: string, bytes: Buffer): Promise<void>
  /** @returns how many rows each table took; those without a piece are not named */
  end(): Promise<ReadonlyMap<string, number>>
}

/** Writes pieces of tables, which come one table after the other, by COPY. */
export const loadTables = (client: Client, { tables }: Pick<ArchiveHeader, 'tables'>): TableLoader => {
  const rows = new Map<string, number>()
  let open: { table: string; copy: ReturnType<typeof copyFrom> } | undefined

  const close = async (): Promise<void> => {
    if (open === undefined) return
    const { table, copy } = open
    open = undefined
    const ended = finished(copy)
    copy.end()
    await ended.catch(refused(table))
    rows.set(table, copy.rowCount)
  }
  return {
    async piece(table, bytes) {
      if (open?.table !== table) {
        await close()
        const columns = tables.find(({ name }) => name === table)?.columns ?? []
        const copy = client.query(copyFrom(`copy ${quoted(table)} (${columns.map(quoted).join()}) from stdin`))
        open = { table, copy }
      }
      await written(open.copy, bytes).catch(refused(table))
    },
    async end() {
      await close()
      return rows
    },
  }
}

/** PostgreSQL's words on a row hold its values, which may be secret (T31): only the code is said. */
const refused = (table: string) => (error: unknown) => {
  const { code } = error as { code?: unknown }
  throw new BackupError(`PostgreSQL refuses a row of ${table} (${typeof code === 'string' ? code : messageOf(error)}).`)
}

const written = (stream: Writable, bytes: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(error)
    stream.once('error', fail)
    stream.write(bytes, (error) => {
      stream.off('error', fail)
      if (error) reject(error)
      else resolve()
    })
  })

/** Brings the schema from where the archive had it to where this program has it. */
export const migrateOn = async (transaction: Within, toCome: readonly Migration[]): Promise<void> => {
  for (const { id, up } of toCome) {
    await up(transaction as Transaction<unknown>)
    await sql`insert into schema_migration (id) values (${id})`.execute(transaction)
  }
}

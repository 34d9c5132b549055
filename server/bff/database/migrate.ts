import { type Kysely, sql, type Transaction } from 'kysely'
import { DatabaseUnusableError } from './database-error.ts'
import type { DatabaseLog } from './database-log.ts'
import type { Migration } from './migration.ts'

/** Any fixed number will do, so long as nothing else in this database locks it: the letters of "Rbls". */
export const MIGRATION_LOCK = 0x52_62_6c_73

/**
 * Brings the schema up to the last of `migrations`; safe when several backends start at once: each step takes the same
 * advisory lock and then looks again at what is still to be done.
 * @returns the ids applied by this call, in order
 * @throws DatabaseUnusableError when the database is newer than this program, or its history is another one
 */
export async function migrate<Schema>(
  database: Kysely<Schema>,
  migrations: readonly Migration[],
  log?: DatabaseLog,
): Promise<string[]> {
  const ids = migrations.map(({ id }) => id)
  const disorder = ids.find((id, index) => index > 0 && id <= (ids[index - 1] ?? ''))
  if (disorder !== undefined) throw new Error(`migration ${disorder} must come after the one before it`)

  const applied: string[] = []
  for (;;) {
    const id = await database.transaction().execute((transaction) => applyNext(transaction, migrations))
    if (id === undefined) return applied
    log?.info({ migration: id }, 'migration applied')
    applied.push(id)
  }
}

/** Applies the first step that is still to be done; undefined when there is none. */
async function applyNext<Schema>(
  transaction: Transaction<Schema>,
  migrations: readonly Migration[],
): Promise<string | undefined> {
  // Waiting for another backend's long step is no fault, and neither is a long step.
  await sql`set local statement_timeout = 0`.execute(transaction)
  await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(transaction)
  await sql`create table if not exists schema_migration (
    id text primary key,
    applied_at timestamptz not null default now()
  )`.execute(transaction)
  const done = await sql<{ id: string }>`select id from schema_migration`.execute(transaction)
  const next = nextMigration(migrations, new Set(done.rows.map(({ id }) => id)))
  if (next === undefined) return undefined
  await next.up(transaction as Transaction<unknown>)
  await sql`insert into schema_migration (id) values (${next.id})`.execute(transaction)
  return next.id
}

/**
 * The first step that the database lacks.
 * @throws DatabaseUnusableError when it has a step that this program does not know, or has a later one already
 */
export function nextMigration(migrations: readonly Migration[], applied: ReadonlySet<string>): Migration | undefined {
  const known = new Set(migrations.map(({ id }) => id))
  const unknown = [...applied].filter((id) => !known.has(id)).sort()
  if (unknown.length > 0) {
    throw new DatabaseUnusableError(
      `The database is newer than this program: it has had ${unknown.join(', ')}, unknown here. ` +
        'Start the newer Rebootless, or restore a backup from before its first start.',
    )
  }
  const next = migrations.find(({ id }) => !applied.has(id))
  const later = next && migrations.find(({ id }) => id > next.id && applied.has(id))
  if (next && later) {
    throw new DatabaseUnusableError(
      `The database has had ${later.id} but not ${next.id}, which comes before it: it was made by a different build. ` +
        'Start the build that made it, or restore a backup.',
    )
  }
  return next
}

import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import pg from 'pg'
import type { Database } from './connect.ts'
import type { DatabaseLog } from './database-log.ts'
import { EVENT_SLOTS } from './event-slots.ts'
import { MIGRATION_LOCK, migrate } from './migrate.ts'
import type { Migration } from './migration.ts'
import type { DatabaseSchema } from './schema.ts'

/** Inserted into and read, and never changed: threat-model T30; a rollout's log, which explains where it stands. */
const APPEND_ONLY = ['audit', 'audit_heads', 'rollout_decisions'] as const

/**
 * Brings the schema up to date as the role that owns it, and gives the role that the program works under what it needs
 * and no more: it may read and change rows, but of the audit log it may only read and insert. It makes no tables.
 * @throws DatabaseUnusableError as `migrate` does
 */
export const prepareSchema = async (
  database: Pick<Database, 'kysely' | 'owner'>,
  migrations: readonly Migration[],
  log: DatabaseLog,
): Promise<void> => {
  const pool = new pg.Pool({ ...database.owner, max: 1 })
  pool.on('error', () => undefined)
  const owner = new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) })
  try {
    await migrate(owner, migrations, log)
    const application = await roleOf(database.kysely)
    if (application === (await roleOf(owner))) {
      log.warn('the database role owns the audit log and could alter it: give DATABASE_OWNER_URL another role')
      return
    }
    await owner.transaction().execute((transaction) => grantTo(transaction, application))
  } finally {
    await owner.destroy()
  }
}

const roleOf = async (kysely: Kysely<DatabaseSchema>): Promise<string> => {
  const { rows } = await sql<{ role: string }>`select current_user as role`.execute(kysely)
  return rows[0]?.role ?? ''
}

/** Rights of `role` on all that is there now. Under the lock of the migrations, since two at once would fail one of them. */
export const grantTo = async (transaction: Transaction<DatabaseSchema>, role: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(transaction)
  const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(transaction)
  const schema = sql.id(rows[0]?.name ?? 'public')
  const to = sql.id(role)
  await sql`grant usage on schema ${schema} to ${to}`.execute(transaction)
  await sql`grant select, insert, update, delete on all tables in schema ${schema} to ${to}`.execute(transaction)
  await sql`grant usage, select on all sequences in schema ${schema} to ${to}`.execute(transaction)
  // It may delete each row of them; emptied whole they leave nothing to vacuum.
  await sql`grant truncate on ${sql.join(EVENT_SLOTS.map((slot) => sql.table(slot)))} to ${to}`.execute(transaction)
  for (const table of APPEND_ONLY) {
    await sql`revoke update, delete, truncate, references, trigger on ${sql.table(table)} from ${to}`.execute(
      transaction,
    )
  }
  await sql`revoke insert, update, delete on schema_migration from ${to}`.execute(transaction)
}

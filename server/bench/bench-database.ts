import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { DatabaseSchema } from '../bff/database/schema.ts'
import type { ProgramUnderTest } from './program-under-test.ts'

export interface BenchDatabase {
  readonly kysely: Kysely<DatabaseSchema>
  /** Of PostgreSQL. */
  readonly version: string
  close(): Promise<void>
}

/** The program's own database, past the program, with the rights that it has itself. */
export const openBenchDatabase = async (program: ProgramUnderTest): Promise<BenchDatabase> => {
  const pool = new pg.Pool({ connectionString: await program.databaseUrl() })
  pool.on('error', () => undefined)
  const kysely = new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) })
  const { rows } = await sql<{ version: string }>`select current_setting('server_version') as version`.execute(kysely)
  return { kysely, version: rows[0]?.version ?? 'unknown', close: () => kysely.destroy() }
}

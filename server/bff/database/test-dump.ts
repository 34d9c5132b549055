import { createHash } from 'node:crypto'
import { type ChainFault, createChainCheck } from '@rebootless/shared/domain/audit-verify.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from './schema.ts'

/** Every row of every table as text, by table: to see that nothing changed, or that no secret is stored. A partitioned table is one. */
export const dumpDatabase = async (database: Kysely<DatabaseSchema>): Promise<Record<string, string[]>> => {
  const tables = await sql<{ name: string }>`select relname::text as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and not relispartition
    order by relname`.execute(database)
  const dump: Record<string, string[]> = {}
  for (const { name } of tables.rows) {
    const { rows } = await sql<{
      row: string
    }>`select row_to_json(t)::text as row from ${sql.table(name)} t order by 1`.execute(database)
    dump[name] = rows.map(({ row }) => row)
  }
  return dump
}

/** What is wrong with the audit log's chain, from its first link to its last; it must have links. */
export const chainFaults = async (database: Kysely<DatabaseSchema>): Promise<readonly ChainFault[]> => {
  const check = createChainCheck((text) => createHash('sha256').update(text).digest('hex'), [])
  const rows = await database
    .selectFrom('audit')
    .select(['sequence', 'previous_hash', 'hash', 'entry'])
    .orderBy('sequence')
    .execute()
  await check.take(
    rows.map(({ sequence, previous_hash: previousHash, ...link }) => ({
      ...link,
      previousHash,
      sequence: Number(sequence),
    })),
  )
  check.end()
  if (check.count === 0) throw new Error('the audit log is empty')
  return check.faults
}

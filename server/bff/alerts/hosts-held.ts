import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { parseFilter } from '@rebootless/shared/domain/filter.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { wordCondition } from '../hosts/filter-sql.ts'

/** @throws DomainError `filter_invalid` */
export const hostsCondition = (text: string) => {
  const parsed = parseFilter(text)
  if (!parsed.ok) throw new DomainError('filter_invalid', parsed.error.detail)
  if (parsed.words.length === 0) return sql<boolean>`true`
  return sql<boolean>`(${sql.join(parsed.words.map(wordCondition), sql` and `)})`
}

/** Hosts of these that words hold. Words that cannot be read hold none. */
export const hostsHeld = async (
  database: Kysely<DatabaseSchema>,
  text: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> => {
  if (ids.length === 0) return new Set()
  try {
    const { rows } = await sql<{ id: string }>`
      select id from hosts where id = any(${[...ids]}::uuid[]) and ${hostsCondition(text)}`.execute(database)
    return new Set(rows.map(({ id }) => id))
  } catch (error) {
    if (error instanceof DomainError) return new Set()
    throw error
  }
}

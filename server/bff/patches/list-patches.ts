import type { PatchList, PatchListQuery, PatchSummary } from '@rebootless/shared/contract/patches.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { matchesPatch, parsePatchFilter } from '@rebootless/shared/domain/patch-filter.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { decodeCursor, encodeCursor } from '../hosts/cursor.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { readEntries, withHosts } from './entries.ts'

/** Numbers padded, so that 6.9 sorts before 6.12 and 9 before 10. */
const padded = (text: string): string => text.toLowerCase().replace(/\d{1,15}/g, (digits) => digits.padStart(15, '0'))

const sortKey = (entry: PatchSummary, sort: string): string => {
  switch (sort) {
    case 'name':
      return padded(entry.name)
    case 'release':
      return padded(entry.module?.release ?? entry.set?.modules[0]?.release ?? '')
    case 'hosts':
      return padded(String(entry.hosts.running))
    default:
      return entry.uploadedAt
  }
}

const compare = (left: string, right: string) => (left === right ? 0 : left < right ? -1 : 1)

/** Names of the functions that each module replaces, by its id: thousands of each, so they are read for a word about them alone. */
const readFunctions = async (database: Kysely<DatabaseSchema>): Promise<ReadonlyMap<string, readonly string[]>> => {
  const { rows } = await sql<{ id: string; names: string[] }>`
    select sha256 as id, array(
      select distinct jsonb_path_query(facts, 'lax $.objects[*].functions[*].name') #>> '{}'
    ) as names
    from artefacts where facts is not null`.execute(database)
  return new Map(rows.map(({ id, names }) => [id, names]))
}

/**
 * One page of the catalogue. The whole of it is some thousands of short rows at most, so it is filtered and put in order here.
 * @throws DomainError `filter_invalid`, `cursor_invalid`
 */
export const listPatches = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  { filter, sort, limit, cursor }: PatchListQuery,
  now: Date,
): Promise<PatchList> => {
  const parsed = parsePatchFilter(filter)
  if (!parsed.ok) throw new DomainError('filter_invalid', parsed.error.detail)
  const after = cursor === undefined ? undefined : decodeCursor(filter, sort, cursor, ({ length }) => length === 2)
  const sign = sort.startsWith('-') ? -1 : 1
  const keyOf = (entry: PatchSummary) => [sortKey(entry, sort.replace('-', '')), entry.id] as const
  const order = (left: readonly string[], right: readonly string[]) =>
    sign * (compare(left[0] ?? '', right[0] ?? '') || compare(left[1] ?? '', right[1] ?? ''))

  const functions = parsed.words.some(({ key }) => key === 'function') ? await readFunctions(database) : undefined
  const functionsOf = ({ id, set }: PatchSummary) =>
    (set?.modules ?? [{ id }]).flatMap((module) => functions?.get(module.id) ?? [])
  const matching = (await withHosts(database, scope, await readEntries(database)))
    .filter((entry) => matchesPatch(parsed.words, entry, functionsOf))
    .map((entry) => ({ entry, key: keyOf(entry) }))
    .sort((left, right) => order(left.key, right.key))
  const behind = after === undefined ? matching : matching.filter(({ key }) => order(key, after) > 0)
  const last = behind[limit - 1]
  return {
    items: behind.slice(0, limit).map(({ entry }) => entry),
    nextCursor: behind.length > limit && last !== undefined ? encodeCursor(filter, sort, last.key) : null,
    total: matching.length,
    asOf: now.toISOString(),
  }
}

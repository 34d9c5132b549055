import type { CveStatement } from '@rebootless/shared/contract/vulnerabilities.ts'
import type { FeedKind } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { NoticeRow, StatementRow } from './feed-rows.ts'

type Db = Kysely<DatabaseSchema>

export interface FeedOfRows {
  readonly id: string
  readonly name: string
  readonly kind: FeedKind
}

const ROWS_AT_ONCE = 5_000
const INSERTED_AT_ONCE = 500

/** A row that is said now, by feed. */
interface Open {
  readonly id: string
  readonly document: string
  readonly hash: string
}

export const statementKey = ({ cve, kind, hash }: Pick<StatementRow, 'cve' | 'kind' | 'hash'>): string =>
  `${cve} ${kind} ${hash}`

/** What the feed says as we have it, by key. */
export const openStatements = async (database: Db, feedId: string): Promise<Map<string, Open>> => {
  const open = new Map<string, Open>()
  for (let after = '0'; ; ) {
    const rows = await database
      .selectFrom('cve_statements')
      .select(['id', 'cve_id', 'kind', 'hash', 'document'])
      .where('feed_id', '=', feedId)
      .where('to_at', 'is', null)
      .where('id', '>', after)
      .orderBy('id')
      .limit(ROWS_AT_ONCE)
      .execute()
    for (const { id, cve_id: cve, kind, hash, document } of rows) {
      open.set(statementKey({ cve, kind, hash }), { id, document, hash })
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < ROWS_AT_ONCE) return open
    after = last.id
  }
}

/** The same of notices, by their numbers. */
export const openNotices = async (database: Db, feedId: string) => {
  const rows = await database
    .selectFrom('livepatch_notices')
    .select(['id', 'notice', 'hash', 'document', 'body'])
    .where('feed_id', '=', feedId)
    .where('to_at', 'is', null)
    .execute()
  return new Map(rows.map(({ id, notice, hash, document, body }) => [notice, { id, document, hash, cves: body.cves }]))
}

const pieces = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size))

export const closeRows = async (
  transaction: Transaction<DatabaseSchema>,
  table: 'cve_statements' | 'livepatch_notices',
  ids: readonly string[],
  now: Date,
): Promise<void> => {
  for (const some of pieces(ids, ROWS_AT_ONCE)) {
    await transaction
      .updateTable(table)
      .set({ to_at: now })
      .where(sql<boolean>`id = any(${some}::bigint[]) and to_at is null`)
      .execute()
  }
}

export const insertStatements = async (
  transaction: Transaction<DatabaseSchema>,
  feed: FeedOfRows,
  rows: readonly StatementRow[],
  now: Date,
): Promise<void> => {
  const column = <T>(some: readonly StatementRow[], of: (row: StatementRow) => T) => some.map(of)
  for (const some of pieces(rows, INSERTED_AT_ONCE)) {
    await sql`
      insert into cve_statements (
        feed_id, feed_name, feed_kind, cve_id, kind, hash, body, document, published_on, from_at
      )
      select ${feed.id}, ${feed.name}, ${feed.kind}, given.*, ${now}
      from unnest(
        ${column(some, ({ cve }) => cve)}::text[], ${column(some, ({ kind }): CveStatement['kind'] => kind)}::text[],
        ${column(some, ({ hash }) => hash)}::text[], ${column(some, ({ body }) => body)}::json[],
        ${column(some, ({ document }) => document)}::text[], ${column(some, ({ publishedOn }) => publishedOn)}::text[]
      ) as given`.execute(transaction)
  }
}

export const insertNotices = async (
  transaction: Transaction<DatabaseSchema>,
  feed: FeedOfRows,
  rows: readonly NoticeRow[],
  now: Date,
): Promise<void> => {
  for (const some of pieces(rows, INSERTED_AT_ONCE)) {
    await transaction
      .insertInto('livepatch_notices')
      .values(
        some.map(({ notice, hash, body, document, publishedOn }) => ({
          ...{ feed_id: feed.id, feed_name: feed.name, feed_kind: feed.kind, notice, hash, body, document },
          ...{ published_on: publishedOn, from_at: now },
        })),
      )
      .execute()
  }
}

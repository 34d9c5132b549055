import type { CveKnowledge, KnownNotice, Provenance } from '@rebootless/shared/contract/vulnerabilities.ts'
import type { FeedKind } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

/** Rows that are asked for at once: the event loop has its turn between them. */
const ROWS_AT_ONCE = 5_000

/** Told when statements or notices have changed: who judges by them judges again. */
export const VULNERABILITIES_CHANGED = 'rebootless_vulnerabilities'

interface Said {
  readonly feed_name: string
  readonly feed_kind: FeedKind
  readonly document: string
  readonly published_on: string | null
  readonly from_at: Date
}

const provenanceOf = ({ feed_name, feed_kind, document, published_on, from_at }: Said): Provenance => ({
  ...{ feed: feed_name, kind: feed_kind, document, publishedOn: published_on, readAt: from_at.toISOString() },
})

/**
 * All that feeds say now, or said at `at` (from_at <= at < to_at). CVEs come by id, their statements and the notices in the order
 * in which they were first read. `readAt` is when a statement was first read as it stands.
 */
export const loadKnowledge = async (
  database: Kysely<DatabaseSchema>,
  at?: Date,
): Promise<{ cves: CveKnowledge[]; notices: KnownNotice[] }> => ({
  cves: await loadCves(database, at),
  notices: await loadNotices(database, at),
})

/** @param among of these alone; left out: of all */
export const loadCves = async (
  database: Kysely<DatabaseSchema>,
  at?: Date,
  among?: readonly string[],
): Promise<CveKnowledge[]> => {
  const statementsOf = new Map<string, CveKnowledge['statements'][number][]>()
  for await (const row of inSlices((after) => statementRows(database, after, at, among))) {
    const statements = statementsOf.get(row.cve_id) ?? []
    statements.push({ statement: row.body, from: provenanceOf(row) })
    statementsOf.set(row.cve_id, statements)
  }
  const cves = [...statementsOf].map(([id, statements]) => ({ id, statements }))
  return cves.sort((a, b) => (a.id < b.id ? -1 : 1))
}

export const loadNotices = async (database: Kysely<DatabaseSchema>, at?: Date): Promise<KnownNotice[]> => {
  const notices: KnownNotice[] = []
  for await (const row of inSlices((after) => noticeRows(database, after, at))) {
    notices.push({ notice: row.body, from: provenanceOf(row) })
  }
  return notices
}

const SAID = ['id', 'feed_name', 'feed_kind', 'document', 'published_on', 'from_at', 'body'] as const

const statementRows = (
  database: Kysely<DatabaseSchema>,
  after: string,
  at: Date | undefined,
  among: readonly string[] | undefined,
) =>
  database
    .selectFrom('cve_statements')
    .select(['cve_id', ...SAID])
    .where('id', '>', after)
    .where(among === undefined ? sql<boolean>`true` : sql<boolean>`cve_id = any(${[...among]}::text[])`)
    .where(isSaidAt(at))
    .orderBy('id')
    .limit(ROWS_AT_ONCE)
    .execute()

const noticeRows = (database: Kysely<DatabaseSchema>, after: string, at: Date | undefined) =>
  database
    .selectFrom('livepatch_notices')
    .select(SAID)
    .where('id', '>', after)
    .where(isSaidAt(at))
    .orderBy('id')
    .limit(ROWS_AT_ONCE)
    .execute()

/** Half-open, as every period here. */
const isSaidAt = (at: Date | undefined) =>
  at === undefined ? sql<boolean>`to_at is null` : sql<boolean>`from_at <= ${at} and (to_at is null or to_at > ${at})`

/** In slices by key, so that a row is given once however many there are. */
async function* inSlices<Row extends { readonly id: string }>(
  read: (after: string) => Promise<Row[]>,
): AsyncGenerator<Row> {
  let after = '0'
  for (;;) {
    const rows = await read(after)
    yield* rows
    const last = rows.at(-1)
    if (last === undefined || rows.length < ROWS_AT_ONCE) return
    after = last.id
  }
}

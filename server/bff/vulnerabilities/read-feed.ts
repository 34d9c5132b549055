import type { FeedOutcome, FeedTrouble } from '@rebootless/shared/contract/cve-feeds.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { cut } from '@rebootless/shared/domain/sentence.ts'
import { type Kysely, sql } from 'kysely'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { FeedFileError } from './feed-files.ts'
import type { NoticeRow, StatementRow } from './feed-rows.ts'
import { type FeedWork, readFeedApart, type WorkerSays } from './read-apart.ts'
import {
  closeRows,
  type FeedOfRows,
  insertNotices,
  insertStatements,
  openNotices,
  openStatements,
  statementKey,
} from './write-reading.ts'

const TROUBLES_SHOWN = 50
/** Of what is new, in characters: more than all feeds together have. */
const NEW_CHARACTERS_MAX = 256 * 1024 * 1024

type Counts = Pick<
  FeedOutcome,
  'documents' | 'cves' | 'statements' | 'notices' | 'added' | 'ended' | 'troubleCount'
> & {
  readonly troubles: FeedTrouble[]
}

/** What a reading found, against what is known: not yet written. */
export interface Reading {
  readonly counts: Counts
  readonly isChanged: boolean
  /** In the transaction of the caller: rows that are new, and those that are not said any more. */
  write(transaction: Parameters<typeof closeRows>[0], now: Date): Promise<void>
}

/** A sentence for people; undefined: nobody foresaw this. */
export const sentenceOf = (error: unknown): string | undefined =>
  error instanceof FeedFileError ? error.message : error instanceof DomainError ? error.detail : undefined

/** CVEs of the kernel, as the other feeds know them: of these alone KEV's and EPSS's words are kept. */
const kernelCves = async (database: Kysely<DatabaseSchema>): Promise<string[]> => {
  const { rows } = await sql<{ cve_id: string }>`
    select distinct cve_id from cve_statements where to_at is null and kind not in ('kev', 'epss')`.execute(database)
  return rows.map(({ cve_id }) => cve_id)
}

/**
 * Reads a feed in its thread and compares. What was said before and cannot be read now is still said: of a document that broke, and of
 * all where nothing could be read.
 * @throws FeedFileError
 */
export const readFeed = async (
  database: Kysely<DatabaseSchema>,
  feed: FeedOfRows,
  source: FeedWork['source'],
  signal: AbortSignal,
): Promise<Reading> => {
  const only = feed.kind === 'kev' || feed.kind === 'epss' ? await kernelCves(database) : null
  const before = await openStatements(database, feed.id)
  const noticesBefore = await openNotices(database, feed.id)
  const seen = new Set<string>()
  const cves = new Set<string>()
  const fresh: StatementRow[] = []
  const notices: NoticeRow[] = []
  const seenNotices = new Set<string>()
  const unread = new Set<string>()
  const troubles: FeedTrouble[] = []
  let [documents, troubleCount, characters] = [0, 0, 0]

  const isNew = (body: string) => {
    characters += body.length
    if (characters > NEW_CHARACTERS_MAX) throw new FeedFileError('It says more than all known feeds together.')
  }
  const take = (said: WorkerSays) => {
    if (said.type === 'document') {
      documents += 1
      troubleCount += said.troubles.length
      if (said.isUnread) unread.add(said.name)
      for (const detail of said.troubles.slice(0, TROUBLES_SHOWN - troubles.length)) {
        troubles.push({ document: cut(databaseText(said.name), 500), detail: cut(databaseText(detail), 500) })
      }
    } else if (said.type === 'statements') {
      for (const row of said.rows) {
        const key = statementKey(row)
        if (seen.has(key)) continue
        seen.add(key)
        cves.add(row.cve)
        if (before.has(key)) continue
        isNew(row.body)
        fresh.push({ ...row, document: cut(databaseText(row.document), 500), body: databaseText(row.body) })
      }
    } else if (said.type === 'notice') {
      const { row } = said
      seenNotices.add(row.notice)
      const known = noticesBefore.get(row.notice)
      // Red Hat tells a notice by one document a CVE: what one of these that broke had told still counts.
      const isShrunk = unread.size > 0 && known !== undefined && row.cves.every((cve) => known.cves.includes(cve))
      if (known?.hash === row.hash || isShrunk) return
      isNew(row.body)
      notices.push({ ...row, document: cut(databaseText(row.document), 500), body: databaseText(row.body) })
    }
  }
  await readFeedApart({ kind: feed.kind, source, only }, take, { signal })

  if (documents === 0) throw new FeedFileError('There is no document of this format.')
  if (unread.size === documents) {
    const unreadAll = { documents, troubleCount, troubles }
    throw new FeedFileError(troubles[0]?.detail ?? 'No document could be read.', unreadAll)
  }
  if (seen.size + seenNotices.size === 0 && before.size + noticesBefore.size > 0 && only === null) {
    throw new FeedFileError('It says nothing any more, which is taken for a mistake: what it said still counts.')
  }

  // Facts in our own form name the document that their source had, and not the file that they came in.
  const isKept = feed.kind === 'rebootless' && unread.size > 0
  const isGone = ({ document }: { document: string }) => !isKept && !unread.has(document)
  const gone = [...before].filter(([key, row]) => !seen.has(key) && isGone(row)).map(([, { id }]) => id)
  const goneNotices = [...noticesBefore].filter(([number, row]) => !seenNotices.has(number) && isGone(row))
  const replaced = notices.flatMap(({ notice }) => noticesBefore.get(notice)?.id ?? [])
  const closedNotices = [...goneNotices.map(([, { id }]) => id), ...replaced]
  const added = fresh.length + notices.length
  const ended = gone.length + closedNotices.length
  return {
    counts: {
      ...{ documents, cves: cves.size, statements: seen.size, notices: seenNotices.size },
      ...{ added, ended, troubleCount, troubles },
    },
    isChanged: added + ended > 0,
    async write(transaction, now) {
      await closeRows(transaction, 'cve_statements', gone, now)
      await closeRows(transaction, 'livepatch_notices', closedNotices, now)
      await insertStatements(transaction, feed, fresh, now)
      await insertNotices(transaction, feed, notices, now)
    },
  }
}

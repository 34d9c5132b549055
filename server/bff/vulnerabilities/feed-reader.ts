import type { FeedOutcome } from '@rebootless/shared/contract/cve-feeds.ts'
import { cut } from '@rebootless/shared/domain/sentence.ts'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { Logger } from 'pino'
import type { Notifications } from '../database/notifications.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { tellOf } from '../events/append-event.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import { periodically } from '../periodic.ts'
import { FeedFileError } from './feed-files.ts'
import { type FeedSources, findSource } from './feed-source.ts'
import { VULNERABILITIES_CHANGED } from './knowledge.ts'
import { type Reading, readFeed, sentenceOf } from './read-feed.ts'
import { readShippedFeed } from './shipped-feed.ts'
import { type StoredOutcome, storedOutcomeOf } from './stored-outcome.ts'

/** Told when a feed is due before its time. */
export const FEEDS_CHANNEL = 'rebootless_cve_feeds'

const LOOK_MS = 15_000
/** Renewed while a feed is read, so only a backend that died lets it run out. */
const CLAIM_MS = 120_000
const RENEW_MS = 30_000
const AGAIN_AFTER_FAILURE_MS = 60 * 60_000

type Feed = Selectable<DatabaseSchema['cve_feeds']>

export interface FeedReader {
  start(notifications: Notifications): Promise<void>
  /** Reads what is due, one feed after the other, and waits until it is read. Never rejects. */
  look(): Promise<void>
  close(): Promise<void>
}

export interface FeedReaderOptions extends FeedSources {
  readonly database: Kysely<DatabaseSchema>
  readonly log: Pick<Logger, 'warn'>
  /** The file of facts that ships with this program; undefined: none. */
  readonly shipped: string | undefined
  /** Of tests that move time; left out: the database's clock, which all backends share. */
  readonly now?: () => Date
}

/** Another backend has the feed now, or somebody deleted it. */
class ClaimLost extends Error {}

/** Reads feeds when they are due: each by one backend at a time. After a failure, all that was said before still counts. */
export const createFeedReader = (options: FeedReaderOptions): FeedReader => {
  const { database, log } = options
  const endings: (() => unknown)[] = []
  const closing = new AbortController()

  const now = async (): Promise<Date> => options.now?.() ?? (await databaseNow(database))

  const readOne = async (feed: Feed): Promise<void> => {
    let claimed = feed.claimed_until ?? new Date(0)
    const ending = new AbortController()
    const signal = AbortSignal.any([ending.signal, closing.signal])
    const renew = async () => {
      const until = new Date((await now()).getTime() + CLAIM_MS)
      const held = await database
        .updateTable('cve_feeds')
        .set({ claimed_until: until })
        .where('id', '=', feed.id)
        .where('claimed_until', '=', claimed)
        .returning('id')
        .executeTakeFirst()
      if (held === undefined) ending.abort()
      else claimed = until
    }
    const endRenewals = periodically(RENEW_MS, 'keep the claim of a feed', log, renew)
    const began = performance.now()
    const found = await read(feed, signal).catch((error: unknown) => {
      const sentence = sentenceOf(error)
      if (sentence === undefined) log.warn({ feed: feed.id, err: error }, 'a feed could not be read')
      const unread = error instanceof FeedFileError ? error.unread : undefined
      return { failed: sentence ?? 'It could not be read: see the server’s log.', ...(unread ? { unread } : {}) }
    })
    await endRenewals()
    if (signal.aborted) return
    await settle(feed, claimed, found, Math.round(performance.now() - began))
  }

  const read = async (feed: Feed, signal: AbortSignal): Promise<Found> => {
    const before = storedOutcomeOf(feed.outcome)
    if (feed.location === null) {
      const { source, version } = await readShippedFeed(options.shipped)
      return { reading: await readFeed(database, feed, source, signal), ...NO_CACHE, version }
    }
    // Which of its CVEs are of the kernel may be another answer today.
    const cached = feed.kind === 'kev' || feed.kind === 'epss' ? null : before
    const found = await findSource(feed.location, options, { before: cached, now: await now(), signal })
    if (found === 'unchanged') return { unchanged: true }
    const { source, etag, lastModified } = found
    return { reading: await readFeed(database, feed, source, signal), etag, lastModified, version: null }
  }

  /** Writes what was found, if the feed is still ours to write. */
  const settle = (feed: Feed, claimed: Date, found: Found, milliseconds: number): Promise<void> =>
    database.transaction().execute(async (transaction) => {
      const held = await transaction
        .selectFrom('cve_feeds')
        .select(['every_minutes', 'location', 'next_at'])
        .where('id', '=', feed.id)
        .where('claimed_until', '=', claimed)
        .forUpdate()
        .executeTakeFirst()
      if (held === undefined) throw new ClaimLost()
      const at = await now()
      const stored = outcomeOf(feed, found, at, milliseconds)
      if ('reading' in found) await found.reading.write(transaction, at)
      const isAskedAgain = held.next_at?.getTime() !== feed.next_at?.getTime()
      await transaction
        .updateTable('cve_feeds')
        .set({
          ...{ outcome: JSON.stringify(stored), claimed_until: null },
          next_at: isAskedAgain ? held.next_at : nextAt(held.every_minutes, at, 'failed' in found),
          ...('failed' in found ? {} : { read_at: at }),
          ...('reading' in found && found.reading.isChanged ? { changed_at: at } : {}),
        })
        .where('id', '=', feed.id)
        .execute()
      if ('reading' in found && found.reading.isChanged) {
        await sql`select pg_notify(${VULNERABILITIES_CHANGED}, ${feed.id})`.execute(transaction)
      }
      await tellOf(transaction, 'feeds', at)
    })

  const readAll = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const feed = await claimFeed(database, await now())
      if (feed === undefined) return
      await readOne(feed).catch((error: unknown) => {
        if (!(error instanceof ClaimLost)) log.warn({ feed: feed.id, err: error }, 'a reading could not be kept')
      })
    }
  }
  const reading = oneAtATime(() =>
    readAll().catch((error: unknown) => log.warn({ err: error }, 'feeds could not be looked for')),
  )

  return {
    async start(notifications) {
      const heard = { notified: () => void reading.run(), mayHaveMissed: () => void reading.run() }
      endings.push(
        await notifications.subscribe(FEEDS_CHANNEL, heard),
        periodically(LOOK_MS, 'read feeds of vulnerabilities', log, reading.run),
      )
    },
    look: reading.run,
    async close() {
      closing.abort()
      for (const end of endings.splice(0)) await end()
      await reading.end()
    },
  }
}

type Found =
  | {
      readonly reading: Reading
      readonly etag: string | null
      readonly lastModified: string | null
      readonly version: string | null
    }
  | { readonly unchanged: true }
  | { readonly failed: string; readonly unread?: NonNullable<FeedFileError['unread']> }
const NO_CACHE = { etag: null, lastModified: null }

const nextAt = (everyMinutes: number | null, at: Date, hasFailed: boolean): Date | null => {
  if (everyMinutes === null) return null
  const every = everyMinutes * 60_000
  return new Date(at.getTime() + (hasFailed ? Math.min(every, AGAIN_AFTER_FAILURE_MS) : every))
}

const NOTHING = {
  ...{ documents: 0, cves: 0, statements: 0, notices: 0, added: 0, ended: 0, troubleCount: 0 },
  troubles: [],
}
const outcomeOf = (feed: Feed, found: Found, at: Date, milliseconds: number): StoredOutcome => {
  const before = storedOutcomeOf(feed.outcome)
  const when = { at: at.toISOString(), milliseconds }
  const kept = { location: feed.location, ...NO_CACHE, version: before?.version ?? null }
  if ('failed' in found) {
    const shown: FeedOutcome = {
      ...NOTHING,
      ...found.unread,
      ...when,
      result: 'failed',
      detail: cut(found.failed, 500),
    }
    return { shown, ...kept, version: null }
  }
  if ('unchanged' in found) {
    const shown: FeedOutcome = {
      ...(before?.shown ?? NOTHING),
      ...{ ...when, added: 0, ended: 0, result: 'unchanged', detail: 'The server says that nothing is new.' },
    }
    return { ...kept, etag: before?.etag ?? null, lastModified: before?.lastModified ?? null, shown }
  }
  const { reading, etag, lastModified, version } = found
  const shown: FeedOutcome = { ...reading.counts, ...when, result: 'read', detail: null }
  return { shown, location: feed.location, etag, lastModified, version }
}

/** Takes the feed that is due longest and that nobody reads, and tells pages that it is being read. */
const claimFeed = (database: Kysely<DatabaseSchema>, now: Date): Promise<Feed | undefined> =>
  database.transaction().execute(async (transaction) => {
    const due = sql<string>`(
      select id from cve_feeds
      where enabled and next_at <= ${now} and (claimed_until is null or claimed_until <= ${now})
      order by next_at, id limit 1 for update skip locked
    )`
    const feed = await transaction
      .updateTable('cve_feeds')
      .set({ claimed_until: new Date(now.getTime() + CLAIM_MS) })
      .where('id', '=', due)
      .returningAll()
      .executeTakeFirst()
    if (feed !== undefined) await tellOf(transaction, 'feeds', now)
    return feed
  })

const databaseNow = async (database: Kysely<DatabaseSchema>): Promise<Date> => {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(database)
  // Milliseconds, as a claim is compared by what JavaScript can hold of it.
  return new Date(rows[0]?.now ?? Date.now())
}

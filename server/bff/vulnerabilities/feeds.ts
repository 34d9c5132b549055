import { randomUUID } from 'node:crypto'
import type { CveFeed, CveFeedChange, NewCveFeed } from '@rebootless/shared/contract/cve-feeds.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import { type Act, done } from '../commands/act.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { tellOf } from '../events/append-event.ts'
import { FEEDS_CHANNEL } from './feed-reader.ts'
import { isAddress } from './feed-source.ts'
import { VULNERABILITIES_CHANGED } from './knowledge.ts'
import { SHIPPED_NAME } from './shipped-feed.ts'
import { storedOutcomeOf } from './stored-outcome.ts'

type Db = Kysely<DatabaseSchema>
type Row = Selectable<DatabaseSchema['cve_feeds']>

const FEEDS_MAX = 50

const refused = (detail: string) => new DomainError('feed_refused', detail)

const feedOf = (row: Row, now: Date): CveFeed => ({
  ...{ id: row.id, name: row.name, kind: row.kind, location: row.location, everyMinutes: row.every_minutes },
  ...{ enabled: row.enabled, createdBy: row.created_by_name, createdAt: row.created_at.toISOString() },
  readAt: row.read_at?.toISOString() ?? null,
  changedAt: row.changed_at?.toISOString() ?? null,
  nextAt: row.enabled ? (row.next_at?.toISOString() ?? null) : null,
  reading: row.claimed_until !== null && row.claimed_until > now,
  outcome: storedOutcomeOf(row.outcome)?.shown ?? null,
})

export const readFeeds = async (database: Db, now: Date): Promise<CveFeed[]> => {
  const rows = await database.selectFrom('cve_feeds').selectAll().orderBy('name').execute()
  return rows.map((row) => feedOf(row, now))
}

const readFeedRow = async (database: Db, id: string, now: Date): Promise<CveFeed> => {
  const row = await database.selectFrom('cve_feeds').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw notFound()
  return feedOf(row, now)
}
const notFound = () => new DomainError('feed_not_found', 'There is no such feed: see the list of feeds.')

const lockFeed = async (transaction: Transaction<DatabaseSchema>, id: string): Promise<Row> => {
  const row = await transaction.selectFrom('cve_feeds').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
  if (row === undefined) throw notFound()
  return row
}

/** What can be told of a location before it is read. @throws DomainError `feed_refused` */
const requireLocation = (location: string, hasFolder: boolean): void => {
  if (isAddress(location)) {
    if (!URL.canParse(location)) throw refused('This is no address that can be called.')
    const { username, password } = new URL(location)
    if (username !== '' || password !== '') throw refused('An address with a name or password in it is not called.')
    return
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(location)) throw refused('Only https addresses are called.')
  if (!hasFolder) {
    throw refused('Files and folders are read below the folder that FEEDS_FOLDER names, and it names none.')
  }
  if (location.startsWith('/') || location.split(/[\\/]/).includes('..')) {
    throw refused('Name a file or folder as it is called below the folder of feeds, without “..”.')
  }
}

const targetOf = ({ id, name }: { id: string; name: string }) => ({ kind: 'cve_feed', id, name })
/** What the log keeps of a location: the query of an address may be a secret. */
const loggedLocation = (location: string | null) =>
  location !== null && isAddress(location) ? location.replace(/[?#].*$/, '') : location

/** Wakes whoever reads feeds, once the transaction commits. */
const askToRead = (transaction: Transaction<DatabaseSchema>, id: string) =>
  sql`select pg_notify(${FEEDS_CHANNEL}, ${id})`.execute(transaction)

/** @throws DomainError `feed_refused` */
export const addFeed = (
  database: Db,
  wanted: NewCveFeed,
  { hasFolder, ...who }: Act & { username: string; hasFolder: boolean },
): Promise<CveFeed> => {
  requireLocation(wanted.location, hasFolder)
  const id = randomUUID()
  const name = databaseText(wanted.name)
  if (name === SHIPPED_NAME) throw refused('This name is that of what ships with Rebootless.')
  return database.transaction().execute(async (transaction) => {
    const { count } = await transaction
      .selectFrom('cve_feeds')
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .executeTakeFirstOrThrow()
    if (Number(count) >= FEEDS_MAX) throw refused(`There are ${FEEDS_MAX} feeds already: delete one first.`)
    const inserted = await transaction
      .insertInto('cve_feeds')
      .values({
        ...{ id, name, kind: wanted.kind, location: databaseText(wanted.location), every_minutes: wanted.everyMinutes },
        ...{ enabled: true, created_by_name: who.username, created_at: who.now, next_at: who.now },
      })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('id')
      .executeTakeFirst()
    if (inserted === undefined) throw refused('There is a feed of this name already.')
    const { kind, everyMinutes } = wanted
    const after = { kind, location: loggedLocation(wanted.location), everyMinutes }
    await appendAudit(transaction, done(who, { action: 'cve_feed.add', target: targetOf({ id, name }), after }))
    await askToRead(transaction, id)
    await tellOf(transaction, 'feeds', who.now)
    return readFeedRow(transaction, id, who.now)
  })
}

/** @throws DomainError `feed_not_found`, `feed_refused` */
export const changeFeed = (
  database: Db,
  id: string,
  { reason, ...wanted }: CveFeedChange,
  { hasFolder, ...who }: Act & { hasFolder: boolean },
): Promise<CveFeed> =>
  database.transaction().execute(async (transaction) => {
    const row = await lockFeed(transaction, id)
    const { location = row.location, everyMinutes = row.every_minutes, enabled = row.enabled } = wanted
    if (row.location === null && (location !== null || everyMinutes !== null)) {
      throw refused('What ships with Rebootless comes from nowhere else: it can be turned off.')
    }
    if (location !== null) requireLocation(location, hasFolder)
    await transaction
      .updateTable('cve_feeds')
      .set({
        ...{ location: location === null ? null : databaseText(location), every_minutes: everyMinutes, enabled },
        // What was wrong may be mended: it is read at once.
        ...{ next_at: enabled ? who.now : null, claimed_until: null },
      })
      .where('id', '=', id)
      .execute()
    if (row.location === null && !enabled) await endAllOf(transaction, id, who.now)
    const before = {
      location: loggedLocation(row.location),
      ...{ everyMinutes: row.every_minutes, enabled: row.enabled },
    }
    const after = { location: loggedLocation(location), everyMinutes, enabled }
    const action = enabled === row.enabled ? 'cve_feed.change' : enabled ? 'cve_feed.turn_on' : 'cve_feed.turn_off'
    await appendAudit(transaction, done(who, { action, target: targetOf(row), reason: reason ?? null, before, after }))
    if (enabled) await askToRead(transaction, id)
    await tellOf(transaction, 'feeds', who.now)
    return readFeedRow(transaction, id, who.now)
  })

/** From now on the feed says nothing; what it said stays in the past. */
const endAllOf = async (transaction: Transaction<DatabaseSchema>, id: string, now: Date): Promise<void> => {
  for (const table of ['cve_statements', 'livepatch_notices'] as const) {
    await transaction
      .updateTable(table)
      .set({ to_at: now })
      .where('feed_id', '=', id)
      .where('to_at', 'is', null)
      .execute()
  }
  await sql`select pg_notify(${VULNERABILITIES_CHANGED}, ${id})`.execute(transaction)
}

/** @throws DomainError `feed_not_found`, `feed_refused` */
export const deleteFeed = (database: Db, id: string, reason: string, who: Act): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const row = await lockFeed(transaction, id)
    if (row.location === null) throw refused('What ships with Rebootless can be turned off, and not deleted.')
    await transaction.deleteFrom('cve_feeds').where('id', '=', id).execute()
    await endAllOf(transaction, id, who.now)
    const before = { kind: row.kind, location: loggedLocation(row.location), everyMinutes: row.every_minutes }
    await appendAudit(transaction, done(who, { action: 'cve_feed.delete', target: targetOf(row), reason, before }))
    await tellOf(transaction, 'feeds', who.now)
  })

/** @throws DomainError `feed_not_found`, `feed_refused` */
export const askForReading = (database: Db, id: string, who: Act): Promise<CveFeed> =>
  database.transaction().execute(async (transaction) => {
    const row = await lockFeed(transaction, id)
    if (!row.enabled) throw refused('The feed is off: turn it on first.')
    await transaction.updateTable('cve_feeds').set({ next_at: who.now }).where('id', '=', id).execute()
    await appendAudit(transaction, done(who, { action: 'cve_feed.read', target: targetOf(row) }))
    await askToRead(transaction, id)
    await tellOf(transaction, 'feeds', who.now)
    return readFeedRow(transaction, id, who.now)
  })

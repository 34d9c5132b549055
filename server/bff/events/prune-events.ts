import { type Kysely, sql, type Transaction } from 'kysely'
import { EVENT_SLOTS, IDS_OF_A_SLOT } from '../database/event-slots.ts'
import type { DatabaseSchema } from '../database/schema.ts'

/** Far more than a page may have missed and still be told one by one (EventHub). */
export const EVENTS_KEPT = 50_000n
export const EVENTS_KEPT_MS = 60 * 60_000
/** For so long readers may queue behind us where one of them holds a slot. */
const LOCK_MS_MAX = 100
/** Any fixed number that nothing else locks: the letters of "Rblp". */
const PRUNE_LOCK = 0x52_62_6c_70

/**
 * Bounds the table (ADR 024): what is behind the newest 50,000 goes once all of its slot is, what is older than an hour goes at once.
 * The newest one stays, since it tells a returning page how much it has missed.
 *
 * A slot that is past as a whole is truncated, which leaves nothing to vacuum; one that a reader holds, and what is past in a
 * slot that is not, is deleted. All in one transaction: what is left has no gap that a page could be told over.
 */
export const pruneEvents = (database: Kysely<DatabaseSchema>, now: Date): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ ours: boolean }>`select pg_try_advisory_xact_lock(${PRUNE_LOCK}) as ours`.execute(
      transaction,
    )
    // Another backend is at it.
    if (rows[0]?.ours !== true) return
    await sql`select set_config('lock_timeout', ${String(LOCK_MS_MAX)}, true)`.execute(transaction)
    const past = await pastIds(transaction, now)
    if (past === undefined) return
    const emptied = await truncatePastSlots(transaction, past.all)
    const upTo = emptied ? past.atOnce : past.all
    await transaction.deleteFrom('events').where('id', '<=', String(upTo)).execute()
  })

/** Ids up to which events may go; undefined: there are none. */
const pastIds = async (
  transaction: Transaction<DatabaseSchema>,
  now: Date,
): Promise<{ all: bigint; atOnce: bigint } | undefined> => {
  const { rows } = await sql<{ newest: string | null; young: string | null }>`
    select (select max(id) from events) as newest,
      (select min(id) from events where at >= ${new Date(now.getTime() - EVENTS_KEPT_MS)}) as young`.execute(
    transaction,
  )
  if (rows[0]?.newest == null) return undefined
  const newest = BigInt(rows[0].newest)
  const old = BigInt(rows[0].young ?? newest) - 1n
  // Ids of the round before, in a slot that is written to again because nobody has pruned for long.
  const ofRoundBefore = newest - BigInt(EVENT_SLOTS.length - 1) * IDS_OF_A_SLOT
  const atOnce = larger(old, ofRoundBefore)
  return { all: larger(atOnce, newest - EVENTS_KEPT), atOnce }
}

const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other)

/** The oldest first; @returns whether none had to be left. */
const truncatePastSlots = async (transaction: Transaction<DatabaseSchema>, past: bigint): Promise<boolean> => {
  const newestOf = EVENT_SLOTS.map((slot) => sql`select ${slot} as slot, max(id) as newest from ${sql.table(slot)}`)
  const { rows } = await sql<{ slot: string; newest: string }>`
    select * from (${sql.join(newestOf, sql` union all `)}) as slots
    where newest <= ${String(past)} order by newest`.execute(transaction)
  for (const { slot } of rows) {
    await sql`savepoint slot`.execute(transaction)
    try {
      await sql`lock table ${sql.table(slot)} in access exclusive mode`.execute(transaction)
    } catch (error) {
      if ((error as { code?: unknown }).code !== '55P03') throw error
      await sql`rollback to savepoint slot`.execute(transaction)
      return false
    }
    // Asked again now that nobody can write to it: the ring may have come round meanwhile.
    const newer = await sql`select from ${sql.table(slot)} where id > ${String(past)} limit 1`.execute(transaction)
    if (newer.rows.length > 0) return false
    await sql`truncate ${sql.table(slot)}`.execute(transaction)
  }
  return true
}

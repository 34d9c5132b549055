import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

const BRAKE_WINDOW_MS = 15 * 60_000
const KNOWN_SOURCE_MS = 30 * 24 * 60 * 60_000
/** Attempts in a window: of one source on one account, of one source in all, on one account from sources unknown to it. */
export const BRAKE_LIMITS = { pair: 5, source: 30, account: 50 } as const

/** IPv6 hands a whole /64 to one customer (RFC 6177), so that counts as one source. */
export const sourceOf = (address: string): string => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? []
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  const groups = [...left, ...zeros, ...right].slice(0, 4)
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`
}

/** Names are hashed: what people type there by mistake is often their password. */
const nameKey = (username: string) => createHash('sha256').update(username).digest('base64url').slice(0, 22)

export interface Attempt {
  /** Whose secret is guessed at. */
  readonly username: string
  readonly source: string
  /** This source has signed in as this user before: the account's own limit, which others may use up, spares it. */
  readonly knownSource: boolean
  readonly now: Date
}

const keysOf = ({ username, source, knownSource }: Attempt) => [
  { key: `source ${source}`, limit: BRAKE_LIMITS.source },
  { key: `pair ${nameKey(username)} ${source}`, limit: BRAKE_LIMITS.pair },
  ...(knownSource ? [] : [{ key: `account ${nameKey(username)}`, limit: BRAKE_LIMITS.account }]),
]

/** Whether somebody has signed in as this user from there, not long ago. */
export const isKnownSource = async (
  database: Kysely<DatabaseSchema>,
  userId: string | undefined,
  source: string,
  now: Date,
): Promise<boolean> => {
  // An unknown user costs the same look (T10).
  const row = await database
    .selectFrom('sign_in_sources')
    .select('source')
    .where('user_id', '=', userId ?? '00000000-0000-0000-0000-000000000000')
    .where('source', '=', source)
    .where('last_success_at', '>', new Date(now.getTime() - KNOWN_SOURCE_MS))
    .executeTakeFirst()
  return row !== undefined
}

export const noteSource = async (
  database: Kysely<DatabaseSchema>,
  userId: string,
  source: string,
  now: Date,
): Promise<void> => {
  await database
    .insertInto('sign_in_sources')
    .values({ user_id: userId, source, last_success_at: now })
    .onConflict((conflict) => conflict.columns(['user_id', 'source']).doUpdateSet({ last_success_at: now }))
    .execute()
}

/** Counts one attempt on a key. One statement, so that parallel ones add up. @returns how many its window holds, and its start */
const count = async (database: Kysely<DatabaseSchema>, key: string, now: Date) => {
  const expired = new Date(now.getTime() - BRAKE_WINDOW_MS)
  const row = await database
    .insertInto('sign_in_attempts')
    .values({ key, window_started_at: now, attempts: 1 })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        attempts: sql`case when sign_in_attempts.window_started_at <= ${expired} then 1 else sign_in_attempts.attempts + 1 end`,
        window_started_at: sql`case when sign_in_attempts.window_started_at <= ${expired} then excluded.window_started_at
          else sign_in_attempts.window_started_at end`,
      }),
    )
    .returning(['attempts', 'window_started_at'])
    .executeTakeFirstOrThrow()
  return { attempts: row.attempts, startedAt: row.window_started_at }
}

const tooMany = (windowStartedAt: Date, now: Date) =>
  new DomainError(
    'too_many_attempts',
    'Too many sign-ins were tried: wait a quarter of an hour, or use a one-time link from the server.',
    { retryAfterMs: windowStartedAt.getTime() + BRAKE_WINDOW_MS - now.getTime() },
  )

/**
 * When a window that is full and over began; undefined when none is. Nothing is written for such a one any more, so that
 * a flood of guesses is cheap.
 */
const fullWindow = async (database: Kysely<DatabaseSchema>, attempt: Attempt): Promise<Date | undefined> => {
  const keys = keysOf(attempt)
  const limits = new Map(keys.map(({ key, limit }) => [key, limit]))
  const rows = await database
    .selectFrom('sign_in_attempts')
    .select(['key', 'attempts', 'window_started_at'])
    .where('key', 'in', [...limits.keys()])
    .where('window_started_at', '>', new Date(attempt.now.getTime() - BRAKE_WINDOW_MS))
    .execute()
  const over = rows.filter(({ key, attempts }) => attempts > (limits.get(key) ?? 0))
  return over.map((row) => row.window_started_at).sort((one, other) => other.getTime() - one.getTime())[0]
}

/**
 * Takes an attempt before its password is checked, so that a thousand at once are counted as a thousand. The source
 * comes first: one that is stopped adds no more rows, which bounds the table.
 * @param onStop called for the first attempt too many in a window, not for each
 * @throws DomainError `too_many_attempts`
 */
export const takeAttempt = async (
  database: Kysely<DatabaseSchema>,
  attempt: Attempt,
  onStop: () => Promise<void>,
): Promise<void> => {
  const full = await fullWindow(database, attempt)
  if (full !== undefined) throw tooMany(full, attempt.now)
  for (const { key, limit } of keysOf(attempt)) {
    const { attempts, startedAt } = await count(database, key, attempt.now)
    if (attempts <= limit) continue
    if (attempts === limit + 1) await onStop()
    throw tooMany(startedAt, attempt.now)
  }
}

/** A sign-in that went well gives its attempt back, so that working people never meet the brake. */
export const giveBackAttempt = async (database: Kysely<DatabaseSchema>, attempt: Attempt): Promise<void> => {
  const keys = keysOf(attempt).map(({ key }) => key)
  await database
    .updateTable('sign_in_attempts')
    .set((eb) => ({ attempts: eb('attempts', '-', 1) }))
    .where('key', 'in', keys)
    .where('attempts', '>', 0)
    .execute()
}

/** A flood leaves millions of rows: so many go at a time, lest one statement takes longer than any may. */
const PRUNED_AT_ONCE = 20_000

const pruneExpired = async (database: Kysely<DatabaseSchema>, expired: Date): Promise<void> => {
  let pruned: bigint
  do {
    const deleted = await database
      .deleteFrom('sign_in_attempts')
      .where('key', 'in', (eb) =>
        eb.selectFrom('sign_in_attempts').select('key').where('window_started_at', '<=', expired).limit(PRUNED_AT_ONCE),
      )
      // Asked of the row itself too: it may have begun a new window since.
      .where('window_started_at', '<=', expired)
      .executeTakeFirst()
    pruned = deleted.numDeletedRows
  } while (pruned > 0n)
}

export const pruneAttempts = async (database: Kysely<DatabaseSchema>, now: Date): Promise<void> => {
  await pruneExpired(database, new Date(now.getTime() - BRAKE_WINDOW_MS))
  const forgotten = new Date(now.getTime() - KNOWN_SOURCE_MS)
  await database.deleteFrom('sign_in_sources').where('last_success_at', '<=', forgotten).execute()
}

import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { SignedIn } from '../http/call.ts'
import { hashSecret, newSecret } from './secret.ts'

const IDLE_MS = 12 * 60 * 60_000
export const ABSOLUTE_MS = 7 * 24 * 60 * 60_000
/** Use is noted so often at most: a page that polls must not write a row a second. */
const TOUCH_MS = 60_000
const SESSIONS_KEPT_ENDED_MS = 24 * 60 * 60_000

export interface Sessions {
  /** A new session; the token is given out once and stored as a hash. */
  start(userId: string): Promise<{ token: string; expiresAt: Date }>
  /** Whose session it is, with the role as it is now; null when it has ended in any way. */
  find(token: string): Promise<SignedIn | null>
  end(sessionHash: string): Promise<void>
  /** Those among the given sessions that may go on. */
  alive(sessionHashes: readonly string[]): Promise<ReadonlySet<string>>
  prune(): Promise<void>
}

const endOf = (session: { created_at: Date; last_used_at: Date }): Date =>
  new Date(Math.min(session.last_used_at.getTime() + IDLE_MS, session.created_at.getTime() + ABSOLUTE_MS))

/** Sessions in the database, so that ending one ends it on all backends (T01). */
export const createSessions = (database: Kysely<DatabaseSchema>, clock: Clock): Sessions => {
  /** Sessions that have not ended, of users who are not disabled. */
  const current = (now: Date) =>
    database
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .where('sessions.ended_at', 'is', null)
      .where('users.disabled_at', 'is', null)
      .where('sessions.last_used_at', '>', new Date(now.getTime() - IDLE_MS))
      .where('sessions.created_at', '>', new Date(now.getTime() - ABSOLUTE_MS))

  return {
    async start(userId) {
      const token = newSecret()
      const now = clock.now()
      const row = { created_at: now, last_used_at: now }
      await database
        .insertInto('sessions')
        .values({ ...row, token_hash: hashSecret('session', token), user_id: userId, ended_at: null })
        .execute()
      return { token, expiresAt: endOf(row) }
    },

    async find(token) {
      const now = clock.now()
      const sessionHash = hashSecret('session', token)
      const row = await current(now)
        .where('sessions.token_hash', '=', sessionHash)
        .select(['users.id', 'users.username', 'users.role', 'sessions.created_at', 'sessions.last_used_at'])
        .executeTakeFirst()
      if (row === undefined) return null
      if (now.getTime() - row.last_used_at.getTime() > TOUCH_MS) {
        row.last_used_at = now
        await database
          .updateTable('sessions')
          .set({ last_used_at: now })
          .where('token_hash', '=', sessionHash)
          .where('last_used_at', '<', now)
          .execute()
      }
      return {
        userId: row.id,
        username: row.username,
        role: row.role,
        sessionHash,
        expiresAt: endOf(row),
        scope: null,
        via: 'session',
        authenticatedAt: row.created_at,
      }
    },

    async end(sessionHash) {
      await database
        .updateTable('sessions')
        .set({ ended_at: clock.now() })
        .where('token_hash', '=', sessionHash)
        .where('ended_at', 'is', null)
        .execute()
    },

    async alive(sessionHashes) {
      if (sessionHashes.length === 0) return new Set()
      const rows = await current(clock.now())
        .where('sessions.token_hash', 'in', [...sessionHashes])
        .select('sessions.token_hash')
        .execute()
      return new Set(rows.map((row) => row.token_hash))
    },

    async prune() {
      const now = clock.now().getTime()
      await database
        .deleteFrom('sessions')
        .where((eb) =>
          eb.or([
            eb('created_at', '<', new Date(now - ABSOLUTE_MS)),
            eb('last_used_at', '<', new Date(now - IDLE_MS)),
            eb('ended_at', '<', new Date(now - SESSIONS_KEPT_ENDED_MS)),
          ]),
        )
        .execute()
    },
  }
}

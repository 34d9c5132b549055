import type { SignInWay } from '@rebootless/shared/domain/words.ts'
import type { Kysely, Selectable } from 'kysely'
import type { Clock } from '../clock.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema, SessionsTable } from '../database/schema.ts'
import type { SignedIn } from '../http/call.ts'
import { hashSecret, newSecret } from './secret.ts'

const IDLE_MS = 12 * 60 * 60_000
export const ABSOLUTE_MS = 7 * 24 * 60 * 60_000
/** Use is noted so often at most: a page that polls must not write a row a second. */
const TOUCH_MS = 60_000
const SESSIONS_KEPT_ENDED_MS = 24 * 60 * 60_000

interface NewSession {
  readonly userId: string
  readonly way: SignInWay
  readonly address: string | null
  readonly userAgent: string | null
}

interface OpenSession extends NewSession {
  /** What the API calls it. */
  readonly id: string
  readonly sessionHash: string
  readonly username: string
  readonly createdAt: Date
  readonly lastUsedAt: Date
  readonly expiresAt: Date
}

/** Works in a transaction as well, so that a change and the end of what it ends are one. */
type Executor = Kysely<DatabaseSchema>

export interface Sessions {
  /** A new session; the token is given out once and stored as a hash. */
  start(executor: Executor, session: NewSession): Promise<{ token: string; sessionHash: string; expiresAt: Date }>
  /** Whose session it is, with the role as it is now; null when it has ended in any way. */
  find(token: string): Promise<SignedIn | null>
  /** He proved just now who he is. */
  authenticated(executor: Executor, sessionHash: string): Promise<void>
  /** Sessions that have not ended, of one user or of all; the last used first, 1,000 at most. */
  list(userId: string | 'all'): Promise<readonly OpenSession[]>
  /** By the id that `list` gives; undefined when it has ended in any way. */
  findOpen(id: string): Promise<OpenSession | undefined>
  /** @returns whether it had not ended before */
  end(executor: Executor, sessionHash: string): Promise<boolean>
  /** Ends all of a user's sessions, but the one that is kept. @returns how many */
  endAll(executor: Executor, userId: string, keptHash?: string): Promise<number>
  /** Those among the given sessions that may go on. */
  alive(sessionHashes: readonly string[]): Promise<ReadonlySet<string>>
  prune(): Promise<void>
}

const endOf = (session: { created_at: Date; last_used_at: Date }): Date =>
  new Date(Math.min(session.last_used_at.getTime() + IDLE_MS, session.created_at.getTime() + ABSOLUTE_MS))

const openSessionOf = (row: Selectable<SessionsTable> & { username: string }): OpenSession => ({
  id: row.id,
  sessionHash: row.token_hash,
  userId: row.user_id,
  username: row.username,
  way: row.way,
  address: row.address,
  userAgent: row.user_agent,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
  expiresAt: endOf(row),
})

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

  const openSessions = () => current(clock.now()).selectAll('sessions').select('users.username')

  return {
    async start(executor, { userId, way, address, userAgent }) {
      const token = newSecret()
      const sessionHash = hashSecret('session', token)
      const now = clock.now()
      const row = { created_at: now, last_used_at: now }
      await executor
        .insertInto('sessions')
        .values({
          ...row,
          token_hash: sessionHash,
          user_id: userId,
          way,
          address,
          user_agent: userAgent === null ? null : databaseText(userAgent),
          authenticated_at: now,
          ended_at: null,
        })
        .execute()
      return { token, sessionHash, expiresAt: endOf(row) }
    },

    async find(token) {
      const now = clock.now()
      const sessionHash = hashSecret('session', token)
      const row = await current(now)
        .where('sessions.token_hash', '=', sessionHash)
        .select(['users.id', 'users.username', 'users.role', 'users.scope'])
        .select(['sessions.created_at', 'sessions.last_used_at', 'sessions.authenticated_at'])
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
        scope: row.scope,
        via: 'session',
        authenticatedAt: row.authenticated_at,
      }
    },

    async authenticated(executor, sessionHash) {
      const set = { authenticated_at: clock.now() }
      await executor.updateTable('sessions').set(set).where('token_hash', '=', sessionHash).execute()
    },

    async list(userId) {
      const rows = await openSessions()
        .$if(userId !== 'all', (query) => query.where('sessions.user_id', '=', userId))
        .orderBy('sessions.last_used_at', 'desc')
        .orderBy('sessions.id')
        .limit(1_000)
        .execute()
      return rows.map(openSessionOf)
    },

    async findOpen(id) {
      const row = await openSessions().where('sessions.id', '=', id).executeTakeFirst()
      return row && openSessionOf(row)
    },

    async end(executor, sessionHash) {
      const { numUpdatedRows } = await executor
        .updateTable('sessions')
        .set({ ended_at: clock.now() })
        .where('token_hash', '=', sessionHash)
        .where('ended_at', 'is', null)
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },

    async endAll(executor, userId, keptHash) {
      const { numUpdatedRows } = await executor
        .updateTable('sessions')
        .set({ ended_at: clock.now() })
        .where('user_id', '=', userId)
        .where('ended_at', 'is', null)
        .$if(keptHash !== undefined, (query) => query.where('token_hash', '!=', keptHash ?? ''))
        .executeTakeFirstOrThrow()
      return Number(numUpdatedRows)
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

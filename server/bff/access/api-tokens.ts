import { isScopeWithin, joinScopes, lesserRole } from '@rebootless/shared/domain/scope-within.ts'
import type { Role } from '@rebootless/shared/domain/words.ts'
import type { Kysely, Selectable } from 'kysely'
import type { Clock } from '../clock.ts'
import type { ApiTokensTable, DatabaseSchema } from '../database/schema.ts'
import type { SignedIn } from '../http/call.ts'
import { hashSecret, newSecret } from './secret.ts'

/** Known to scanners that look for secrets in code. */
const PREFIX = 'rbl_'
const TOUCH_MS = 60_000
/** Ended ones stay listed so long, so that a script which stopped working can be explained. */
const KEPT_ENDED_MS = 30 * 24 * 60 * 60_000

interface NewApiToken {
  readonly id: string
  readonly userId: string
  readonly name: string
  readonly role: Role
  readonly scope: string | null
  /** Left out: now. */
  readonly createdAt?: Date
  readonly expiresAt: Date
}

type Executor = Kysely<DatabaseSchema>

export interface ApiTokens {
  /** The token is given out once and stored as a hash. */
  create(executor: Executor, token: NewApiToken): Promise<string>
  /**
   * Who asks by a token: never more than its creator may at this moment, in role and in hosts. Null when token or
   * creator has ended.
   */
  find(token: string): Promise<SignedIn | null>
  /** Of one user or of all, the newest first; 1,000 at most. */
  list(userId: string | 'all'): Promise<readonly (Selectable<ApiTokensTable> & { username: string })[]>
  /** @param owner whose it must be; left out: anybody's. @returns undefined when there is none that goes on */
  end(executor: Executor, id: string, owner?: string): Promise<{ name: string; userId: string } | undefined>
  endAll(executor: Executor, userId: string): Promise<void>
  /** Those among the keys of `find` that still mean the same. */
  alive(keys: readonly string[]): Promise<ReadonlySet<string>>
  prune(): Promise<void>
}

interface Rights {
  role: Role
  scope: string | null
}

/** A stream of a token that may do less from now on has to end, so what it may do is in its key. */
const keyOf = (tokenHash: string, { role, scope }: Rights) => `${PREFIX}${tokenHash} ${role} ${scope ?? ''}`
export const isTokenKey = (sessionHash: string): boolean => sessionHash.startsWith(PREFIX)

const rightsOf = (row: { role: Role; scope: string | null; user_role: Role; user_scope: string | null }): Rights => ({
  role: lesserRole(row.role, row.user_role),
  scope: isScopeWithin(row.scope, row.user_scope) ? row.scope : joinScopes(row.scope, row.user_scope),
})

export const createApiTokens = (database: Kysely<DatabaseSchema>, clock: Clock): ApiTokens => {
  const current = (now: Date) =>
    database
      .selectFrom('api_tokens')
      .innerJoin('users', 'users.id', 'api_tokens.user_id')
      .where('api_tokens.ended_at', 'is', null)
      .where('api_tokens.expires_at', '>', now)
      .where('users.disabled_at', 'is', null)
      .selectAll('api_tokens')
      .select(['users.username', 'users.role as user_role', 'users.scope as user_scope'])

  return {
    async create(executor, { id, userId, name, role, scope, createdAt = clock.now(), expiresAt }) {
      const token = `${PREFIX}${newSecret()}`
      await executor
        .insertInto('api_tokens')
        .values({
          id,
          token_hash: hashSecret('API token', token),
          user_id: userId,
          name,
          role,
          scope,
          created_at: createdAt,
          expires_at: expiresAt,
          last_used_at: null,
          ended_at: null,
        })
        .execute()
      return token
    },

    async find(token) {
      const now = clock.now()
      const tokenHash = hashSecret('API token', token)
      const row = await current(now).where('api_tokens.token_hash', '=', tokenHash).executeTakeFirst()
      if (row === undefined) return null
      if (row.last_used_at === null || now.getTime() - row.last_used_at.getTime() > TOUCH_MS) {
        await database.updateTable('api_tokens').set({ last_used_at: now }).where('id', '=', row.id).execute()
      }
      const rights = rightsOf(row)
      return {
        ...rights,
        userId: row.user_id,
        username: row.username,
        sessionHash: keyOf(tokenHash, rights),
        expiresAt: row.expires_at,
        via: 'token',
        token: { id: row.id, name: row.name },
        authenticatedAt: null,
      }
    },

    list: (userId) =>
      database
        .selectFrom('api_tokens')
        .innerJoin('users', 'users.id', 'api_tokens.user_id')
        .$if(userId !== 'all', (query) => query.where('api_tokens.user_id', '=', userId))
        .selectAll('api_tokens')
        .select('users.username')
        .orderBy('api_tokens.created_at', 'desc')
        .orderBy('api_tokens.id')
        .limit(1_000)
        .execute(),

    async end(executor, id, owner) {
      const ended = await executor
        .updateTable('api_tokens')
        .set({ ended_at: clock.now() })
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .$if(owner !== undefined, (query) => query.where('user_id', '=', owner ?? ''))
        .returning(['name', 'user_id as userId'])
        .executeTakeFirst()
      return ended
    },

    async endAll(executor, userId) {
      await executor
        .updateTable('api_tokens')
        .set({ ended_at: clock.now() })
        .where('user_id', '=', userId)
        .where('ended_at', 'is', null)
        .execute()
    },

    async alive(keys) {
      const hashes = keys.map((key) => key.slice(PREFIX.length).split(' ', 1)[0] ?? '')
      if (hashes.length === 0) return new Set()
      const rows = await current(clock.now()).where('api_tokens.token_hash', 'in', hashes).execute()
      return new Set(rows.map((row) => keyOf(row.token_hash, rightsOf(row))))
    },

    async prune() {
      const before = new Date(clock.now().getTime() - KEPT_ENDED_MS)
      await database
        .deleteFrom('api_tokens')
        .where((eb) => eb.or([eb('expires_at', '<', before), eb('ended_at', '<', before)]))
        .execute()
    },
  }
}

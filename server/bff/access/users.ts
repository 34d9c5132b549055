import { randomUUID } from 'node:crypto'
import type { User, UserChange } from '@rebootless/shared/contract/people.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { normalScope } from '@rebootless/shared/domain/scope-within.ts'
import type { Role } from '@rebootless/shared/domain/words.ts'
import type { Selectable, Transaction } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import type { DatabaseSchema, UsersTable } from '../database/schema.ts'
import type { SignedIn } from '../http/call.ts'
import type { ApiTokens } from './api-tokens.ts'
import { endChallenges } from './challenges.ts'
import { type Doer, entryOf, userTarget } from './doer.ts'
import { tellOfPerson } from './people-events.ts'
import type { AccessOptions } from './service.ts'
import { createLinkToken, endLinks, INVITATION_MS, LINK_MS, linkPath } from './sign-in-link.ts'
import { removeTotp } from './totp.ts'

type UserRow = Selectable<UsersTable>
type Write = Transaction<DatabaseSchema>

/** As it is kept. @throws DomainError `scope_invalid` */
export const scopeOf = (text: string | null): string | null => {
  if (text === null) return null
  const normal = normalScope(text)
  if (!normal.ok) throw new DomainError('scope_invalid', normal.detail)
  return normal.scope
}

const userOf = (row: UserRow): User => ({
  id: row.id,
  username: row.username,
  role: row.role,
  scope: row.scope,
  account: row.oidc_issuer === null ? 'local' : 'single sign-on',
  hasPassword: row.password_hash !== null,
  secondFactor: row.totp_seed !== null,
  disabledAt: row.disabled_at?.toISOString() ?? null,
  createdAt: row.created_at.toISOString(),
  lastSignedInAt: row.last_signed_in_at?.toISOString() ?? null,
})

const rightsOf = ({ role, scope, disabled_at }: Pick<UserRow, 'role' | 'scope' | 'disabled_at'>) => ({
  role,
  scope,
  disabled: disabled_at !== null,
})

const LAST_ADMIN = 'Nobody would be left who may change users: give another admin the whole fleet first.'
const ELSEWHERE = 'Role and scope of this account follow its groups at the identity provider: change them there.'

export type Users = ReturnType<typeof createUsers>

/** Accounts are disabled and never deleted: the audit log names them. */
export const createUsers = (
  { database, sessions, clock }: Pick<AccessOptions, 'database' | 'sessions' | 'clock'>,
  tokens: ApiTokens,
) => {
  /** @throws DomainError `user_not_found` */
  const locked = async (transaction: Write, id: string): Promise<UserRow> => {
    const row = await transaction.selectFrom('users').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
    if (row === undefined) throw new DomainError('user_not_found', 'There is no such user: look at the list of users.')
    return row
  }

  /** Locked, so that two admins cannot take each other's role at the same moment. */
  const lockAdmins = async (transaction: Write): Promise<ReadonlySet<string>> => {
    const rows = await transaction
      .selectFrom('users')
      .select('id')
      .where('role', '=', 'admin')
      .where('scope', 'is', null)
      .where('disabled_at', 'is', null)
      .orderBy('id')
      .forUpdate()
      .execute()
    return new Set(rows.map(({ id }) => id))
  }

  const newLink = async (transaction: Write, user: UserRow, doer: Doer) => {
    const now = clock.now()
    await endLinks(transaction, user.id)
    const validMs = user.last_signed_in_at === null ? INVITATION_MS : LINK_MS
    const { token, expiresAt } = await createLinkToken(transaction, user.id, now, validMs)
    const entry = { action: 'sign_in_link.create', target: userTarget(user) }
    await appendAudit(transaction, entryOf(doer, now, { ...entry, after: { expiresAt: expiresAt.toISOString() } }))
    return { path: linkPath(token), expiresAt: expiresAt.toISOString() }
  }

  return {
    async list(): Promise<User[]> {
      const rows = await database.selectFrom('users').selectAll().orderBy('username').limit(10_000).execute()
      return rows.map(userOf)
    },

    /** @throws DomainError `user_name_taken`, `scope_invalid` */
    create: (
      { reason, ...wanted }: { username: string; role: Role; scope: string | null; reason?: string | undefined },
      doer: Doer,
    ) => {
      const scope = scopeOf(wanted.scope)
      return database.transaction().execute(async (transaction) => {
        const now = clock.now()
        const row = await transaction
          .insertInto('users')
          .values({ ...wanted, scope, id: randomUUID(), password_hash: null, disabled_at: null, created_at: now })
          .onConflict((conflict) => conflict.column('username').doNothing())
          .returningAll()
          .executeTakeFirst()
        if (row === undefined) {
          throw new DomainError('user_name_taken', `There is a user ${wanted.username} already: take another name.`)
        }
        const entry = { action: 'user.create', target: userTarget(row), after: rightsOf(row), reason: reason ?? null }
        await appendAudit(transaction, entryOf(doer, now, entry))
        const link = await newLink(transaction, row, doer)
        await tellOfPerson(transaction, row.id, ['users'], now)
        return { user: userOf(row), link }
      })
    },

    /**
     * Changes what somebody may do; whatever he has open ends with it (T01).
     * @throws DomainError `user_not_found`, `user_change_refused`, `account_managed_elsewhere`, `scope_invalid`
     */
    change: (id: string, { reason, ...wanted }: UserChange, by: SignedIn, doer: Doer): Promise<User> =>
      database.transaction().execute(async (transaction) => {
        const admins = await lockAdmins(transaction)
        const before = await locked(transaction, id)
        const now = clock.now()
        const set = {
          role: wanted.role ?? before.role,
          scope: wanted.scope === undefined ? before.scope : scopeOf(wanted.scope),
          disabled_at:
            wanted.disabled === undefined ? before.disabled_at : wanted.disabled ? (before.disabled_at ?? now) : null,
        }
        const after = { ...before, ...set }
        const changed = JSON.stringify(rightsOf(before)) !== JSON.stringify(rightsOf(after))
        if (!changed) return userOf(before)
        if (id === by.userId) {
          throw new DomainError('user_change_refused', 'Nobody changes his own rights: ask another admin.')
        }
        if (before.oidc_issuer !== null && (set.role !== before.role || set.scope !== before.scope)) {
          throw new DomainError('account_managed_elsewhere', ELSEWHERE)
        }
        const staysAdmin = set.role === 'admin' && set.scope === null && set.disabled_at === null
        if (admins.has(id) && !staysAdmin && admins.size === 1) throw new DomainError('user_change_refused', LAST_ADMIN)
        await transaction.updateTable('users').set(set).where('id', '=', id).execute()
        await sessions.endAll(transaction, id)
        if (set.disabled_at !== null) {
          await endLinks(transaction, id)
          await endChallenges(transaction, id)
          await tokens.endAll(transaction, id)
        }
        const entry = { action: 'user.change', target: userTarget(before), reason: reason ?? null }
        const rights = { before: rightsOf(before), after: rightsOf(after) }
        await appendAudit(transaction, entryOf(doer, now, { ...entry, ...rights }))
        await tellOfPerson(transaction, id, ['users', 'sessions', 'tokens'], now)
        return userOf(after)
      }),

    /** @throws DomainError `user_not_found`, `user_change_refused`, `account_managed_elsewhere` */
    createLink: (id: string, doer: Doer) =>
      database.transaction().execute(async (transaction) => {
        const user = await locked(transaction, id)
        if (user.oidc_issuer !== null) {
          throw new DomainError('account_managed_elsewhere', 'This account signs in by the identity provider alone.')
        }
        if (user.disabled_at !== null) {
          throw new DomainError('user_change_refused', 'This user is disabled: enable him first.')
        }
        return newLink(transaction, user, doer)
      }),

    /** Ends his sessions as well. @throws DomainError `user_not_found` */
    removeTotp: (id: string, reason: string, doer: Doer): Promise<void> =>
      database.transaction().execute(async (transaction) => {
        const user = await locked(transaction, id)
        if (!(await removeTotp(transaction, id))) return
        await endChallenges(transaction, id)
        await sessions.endAll(transaction, id)
        const entry = { action: 'second_factor.remove', target: userTarget(user), reason }
        await appendAudit(transaction, entryOf(doer, clock.now(), entry))
        await tellOfPerson(transaction, id, ['users', 'sessions'], clock.now())
      }),
  }
}

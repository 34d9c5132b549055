import { randomUUID } from 'node:crypto'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Kysely, Transaction } from 'kysely'
import { appendAudit } from '../../audit/append-audit.ts'
import { asWritten } from '../../audit/written-refusals.ts'
import type { Clock } from '../../clock.ts'
import type { DatabaseSchema } from '../../database/schema.ts'
import type { ApiTokens } from '../api-tokens.ts'
import { type Doer, entryOf, userTarget } from '../doer.ts'
import { tellOfPerson } from '../people-events.ts'
import type { Sessions } from '../sessions.ts'
import type { GroupRole, OidcSettings } from './oidc-settings.ts'
import type { ProvenPerson } from './provider.ts'

const SUBJECT_CHARACTERS_MAX = 255
const NAMES_TRIED_MAX = 100

/** The first entry whose group he is in. */
export const roleOf = (roles: readonly GroupRole[], groups: readonly string[]): GroupRole | undefined =>
  roles.find(({ group }) => groups.includes(group))

/** A name as ours are, from one that the provider lets people choose: it only names, and never finds an account. */
export const nameFrom = (preferred: string | undefined): string => {
  const [head = ''] = (preferred ?? '').toLowerCase().split('@')
  const name = head
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 56)
  return name === '' ? 'user' : name
}

const NO_ROLE =
  'You are known to the identity provider, but none of your groups has a role here: ask whoever runs this server.'
const DISABLED = 'This account is disabled here: ask whoever runs this server.'

export interface OidcAccounts {
  /**
   * The account of issuer and subject, made at the first time; its role follows the groups at each.
   * @throws DomainError `not_authorised`
   */
  userOf(person: ProvenPerson, doer: Doer): Promise<string>
  /** Whether an account is that person's. */
  isOf(userId: string, person: ProvenPerson): Promise<boolean>
}

export const createOidcAccounts = (
  database: Kysely<DatabaseSchema>,
  open: { readonly sessions: Sessions; readonly tokens: ApiTokens },
  clock: Clock,
  settings: OidcSettings,
): OidcAccounts => {
  const { sessions, tokens } = open
  const find = (executor: Kysely<DatabaseSchema>, { issuer, subject }: ProvenPerson) =>
    executor
      .selectFrom('users')
      .select(['id', 'username', 'role', 'scope', 'disabled_at'])
      .where('oidc_issuer', '=', issuer)
      .where('oidc_subject', '=', subject)

  const create = async (transaction: Transaction<DatabaseSchema>, person: ProvenPerson, granted: GroupRole) => {
    const base = nameFrom(person.preferredName)
    for (let n = 1; n <= NAMES_TRIED_MAX; n += 1) {
      const row = await transaction
        .insertInto('users')
        .values({
          id: randomUUID(),
          username: n === 1 ? base : `${base}-${n}`,
          role: granted.role,
          scope: granted.scope,
          oidc_issuer: person.issuer,
          oidc_subject: person.subject,
          password_hash: null,
          disabled_at: null,
          created_at: clock.now(),
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning(['id', 'username'])
        .executeTakeFirst()
      if (row !== undefined) return row
      // Taken by another account, or this one was made a moment ago by another sign-in.
      const made = await find(transaction, person).executeTakeFirst()
      if (made !== undefined) return made
    }
    throw new DomainError(
      'not_authorised',
      `Too many accounts are called ${base}: choose another name at the provider.`,
    )
  }

  /** @returns why he may not come in; undefined when he may */
  const refusalOf = (granted: GroupRole | undefined, disabledAt: Date | null | undefined) => {
    if (granted === undefined) return NO_ROLE
    return disabledAt == null ? undefined : DISABLED
  }

  return {
    async userOf(person, { actor, ...request }) {
      if (person.subject.length > SUBJECT_CHARACTERS_MAX) throw new DomainError('not_authorised', NO_ROLE)
      const granted = roleOf(settings.roles, person.groups)
      const outcome = await database.transaction().execute(async (transaction) => {
        const now = clock.now()
        const user = await find(transaction, person).forUpdate().executeTakeFirst()
        const doer = { ...request, actor: { ...actor, id: user?.id ?? null, name: user?.username ?? actor.name } }
        const target = user === undefined ? { kind: 'user', id: 'unknown', name: null } : userTarget(user)
        const refusal = refusalOf(granted, user?.disabled_at)
        if (granted === undefined || refusal !== undefined) {
          const entry = { action: 'session.start', target, problem: 'not_authorised' }
          await appendAudit(transaction, entryOf(doer, now, { ...entry, after: { way: 'single sign-on' } }))
          // What the groups gave ends with them.
          if (user !== undefined) {
            await sessions.endAll(transaction, user.id)
            await tokens.endAll(transaction, user.id)
            await tellOfPerson(transaction, user.id, ['sessions', 'tokens'], now)
          }
          return { refusal: refusal ?? NO_ROLE }
        }
        const after = { role: granted.role, scope: granted.scope }
        if (user === undefined) {
          const created = await create(transaction, person, granted)
          const entry = { action: 'user.create', target: userTarget(created), after }
          await appendAudit(transaction, entryOf(doer, now, entry))
          await tellOfPerson(transaction, created.id, ['users'], now)
          return { id: created.id }
        }
        if (user.role !== granted.role || user.scope !== granted.scope) {
          await transaction.updateTable('users').set(after).where('id', '=', user.id).execute()
          await sessions.endAll(transaction, user.id)
          const before = { role: user.role, scope: user.scope }
          await appendAudit(transaction, entryOf(doer, now, { action: 'user.change', target, before, after }))
          await tellOfPerson(transaction, user.id, ['users', 'sessions'], now)
        }
        return { id: user.id }
      })
      if (outcome.id === undefined) throw asWritten(new DomainError('not_authorised', outcome.refusal))
      return outcome.id
    },

    async isOf(userId, person) {
      const user = await find(database, person).executeTakeFirst()
      return user?.id === userId && user.disabled_at === null
    },
  }
}

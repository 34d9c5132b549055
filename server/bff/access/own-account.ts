import type { AuthenticateRequest } from '@rebootless/shared/contract/session.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { appendAudit } from '../audit/append-audit.ts'
import { PROOF_MS } from '../http/authorise.ts'
import type { SignedIn } from '../http/call.ts'
import { endChallenges } from './challenges.ts'
import { proofsOf } from './describe-session.ts'
import { type Doer, entryOf, userTarget } from './doer.ts'
import type { From } from './guesses.ts'
import { hashPassword, verifyPassword } from './password.ts'
import { tellOfPerson } from './people-events.ts'
import type { AccessOptions } from './service.ts'
import { endLinks } from './sign-in-link.ts'
import { beginTotp, confirmTotp, removeTotp, useCode } from './totp.ts'

const ELSEWHERE = 'Password and second factor of this account are the identity provider’s: change them there.'

export type OwnAccount = ReturnType<typeof createOwnAccount>

/** What people do with their own account. */
export const createOwnAccount = ({ database, sessions, clock, secrets, checkGuess }: AccessOptions) => {
  const find = (userId: string) =>
    database
      .selectFrom('users')
      .select(['id', 'username', 'password_hash', 'password_source', 'totp_seed', 'oidc_issuer'])
      .where('id', '=', userId)
      .executeTakeFirstOrThrow()

  const findLocal = async (userId: string) => {
    const user = await find(userId)
    if (user.oidc_issuer !== null) throw new DomainError('account_managed_elsewhere', ELSEWHERE)
    return user
  }

  return {
    /**
     * Proves again who he is.
     * @throws DomainError `sign_in_refused`, `too_many_attempts`
     */
    async authenticate(signedIn: SignedIn, proof: AuthenticateRequest, from: From): Promise<void> {
      const user = await find(signedIn.userId)
      const [wanted] = proofsOf(user)
      const given = 'code' in proof ? 'code' : 'password'
      if (wanted !== given) {
        const what = wanted === undefined ? 'sign in again by a one-time link' : `use your ${wanted}`
        throw new DomainError('sign_in_refused', `This account does not prove itself that way: ${what}.`)
      }
      const check = () =>
        'code' in proof
          ? useCode(database, secrets, { ...user, seed: user.totp_seed ?? '' }, proof.code, clock.now())
          : verifyPassword(user.password_hash, proof.password)
      const refusal = given === 'code' ? 'This code is wrong, was used, or is too old.' : 'This password is wrong.'
      const guess = { action: 'session.authenticate', secret: given, username: user.username, user } as const
      await checkGuess({ ...guess, refusal, check }, from)
      await database.transaction().execute(async (transaction) => {
        await sessions.authenticated(transaction, signedIn.sessionHash)
        const entry = { action: 'session.authenticate', target: userTarget(user) }
        await appendAudit(transaction, entryOf(from, clock.now(), entry))
      })
    },

    /**
     * Sets the password; his other sessions, and links and sign-ins under way, end.
     * @throws DomainError `authentication_too_old`, `sign_in_refused`, `account_managed_elsewhere`
     */
    async setPassword(signedIn: SignedIn, body: { password: string; current?: string | undefined }, from: From) {
      const user = await findLocal(signedIn.userId)
      if (user.password_source === 'setting') {
        const detail = 'This password is the setting REBOOTLESS_ADMIN_PASSWORD: change it there and start again.'
        throw new DomainError('account_managed_elsewhere', detail)
      }
      const { current } = body
      if (current !== undefined) {
        const check = () => verifyPassword(user.password_hash, current)
        const guess = { action: 'user.password', secret: 'password', username: user.username, user } as const
        await checkGuess({ ...guess, refusal: 'The old password is wrong.', check }, from)
      } else if (clock.now().getTime() - (signedIn.authenticatedAt?.getTime() ?? 0) > PROOF_MS) {
        throw new DomainError('authentication_too_old', 'Give the old password too, or prove again who you are.')
      }
      const password_hash = await hashPassword(body.password)
      await database.transaction().execute(async (transaction) => {
        const set = { password_hash, password_source: 'own' } as const
        await transaction.updateTable('users').set(set).where('id', '=', user.id).execute()
        await sessions.endAll(transaction, user.id, signedIn.sessionHash)
        await endLinks(transaction, user.id)
        await endChallenges(transaction, user.id)
        await appendAudit(
          transaction,
          entryOf(from, clock.now(), { action: 'user.password', target: userTarget(user) }),
        )
        await tellOfPerson(transaction, user.id, ['users', 'sessions'], clock.now())
      })
    },

    /** @throws DomainError `account_managed_elsewhere`, `user_change_refused` */
    async beginTotp(signedIn: SignedIn, doer: Doer) {
      const user = await findLocal(signedIn.userId)
      if (user.totp_seed !== null) {
        throw new DomainError('user_change_refused', 'A second factor is on already: turn it off first.')
      }
      return database.transaction().execute(async (transaction) => {
        const seed = await beginTotp(transaction, secrets, user)
        const entry = { action: 'second_factor.begin', target: userTarget(user) }
        await appendAudit(transaction, entryOf(doer, clock.now(), entry))
        return seed
      })
    },

    /** @returns the recovery codes @throws DomainError `sign_in_refused` */
    async confirmTotp(signedIn: SignedIn, code: string, doer: Doer): Promise<string[]> {
      const user = await findLocal(signedIn.userId)
      return database.transaction().execute(async (transaction) => {
        const now = clock.now()
        const codes = await confirmTotp(transaction, secrets, user, code, now)
        if (codes === undefined) {
          throw new DomainError(
            'sign_in_refused',
            'This code does not belong to the new secret: type the next one that the authenticator shows.',
          )
        }
        await endChallenges(transaction, user.id)
        await sessions.endAll(transaction, user.id, signedIn.sessionHash)
        const entry = { action: 'second_factor.create', target: userTarget(user) }
        await appendAudit(transaction, entryOf(doer, now, entry))
        await tellOfPerson(transaction, user.id, ['users', 'sessions'], now)
        return codes
      })
    },

    removeTotp: (signedIn: SignedIn, reason: string, doer: Doer): Promise<void> =>
      database.transaction().execute(async (transaction) => {
        const target = userTarget({ id: signedIn.userId, username: signedIn.username })
        await removeTotp(transaction, signedIn.userId)
        await appendAudit(transaction, entryOf(doer, clock.now(), { action: 'second_factor.remove', target, reason }))
        await tellOfPerson(transaction, signedIn.userId, ['users'], clock.now())
      }),
  }
}

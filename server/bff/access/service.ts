import type { SecondFactorWanted, Session } from '@rebootless/shared/contract/session.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { SignInWay } from '@rebootless/shared/domain/words.ts'
import type { Kysely } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { SignedIn } from '../http/call.ts'
import type { SecretBox } from '../secrets/secret-box.ts'
import { createChallenge, findChallenge, useChallenge } from './challenges.ts'
import { describeSession } from './describe-session.ts'
import { type Doer, entryOf, userTarget } from './doer.ts'
import type { CheckGuess, From as GuessFrom } from './guesses.ts'
import { verifyPassword } from './password.ts'
import { tellOfPerson } from './people-events.ts'
import type { Sessions } from './sessions.ts'
import { noteSource, sourceOf } from './sign-in-brake.ts'
import { useLinkToken } from './sign-in-link.ts'
import { useCode } from './totp.ts'

/** A session that a browser had when somebody signed in there. */
export type FormerSession = Pick<SignedIn, 'userId' | 'username' | 'sessionHash'>

/** Where a sign-in comes from: a `Call` is one. */
type From = GuessFrom & { readonly signedIn: SignedIn | null }

interface StartedSession {
  readonly token: string
  readonly session: Session
}

export interface Access {
  /** @throws DomainError `sign_in_refused`, `too_many_attempts` */
  signIn(credentials: { username: string; password: string }, from: From): Promise<StartedSession | SecondFactorWanted>
  /** @throws DomainError `sign_in_refused` */
  signInByLink(token: string, from: From): Promise<StartedSession | SecondFactorWanted>
  /** @throws DomainError `sign_in_refused`, `too_many_attempts` */
  signInByCode(second: { challenge: string; code: string }, from: From): Promise<StartedSession>
  /**
   * After the identity provider has said who he is. The session that the browser had ends with it, as its cookie does.
   * @throws DomainError `sign_in_refused`
   */
  begin(userId: string, way: SignInWay, from: GuessFrom, former: FormerSession | null): Promise<StartedSession>
  signOut(signedIn: SignedIn, doer: Doer): Promise<void>
}

export interface AccessOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly sessions: Sessions
  readonly clock: Clock
  readonly secrets: SecretBox
  readonly checkGuess: CheckGuess
  /** Told of a session that ended, so that its event streams here end at once. */
  readonly onEnded: (sessionHash: string) => void
}

/** One answer for a wrong name and a wrong password. */
const WRONG = 'Name or password is wrong: try again, or use a one-time link from the server.'
const LINK_GONE = 'This link was used or is too old: ask for a new one.'
const CODE_WRONG = 'This code is wrong, was used, or is too old: type the next one, or a recovery code.'
const CHALLENGE_GONE = 'This sign-in took too long, or the second factor was changed: begin again.'

/** The cookie of a browser; a script's token goes on. */
const formerOf = ({ signedIn }: From): FormerSession | null => (signedIn?.via === 'session' ? signedIn : null)

export const createAccess = (options: AccessOptions): Access => {
  const { database, sessions, clock, secrets, checkGuess, onEnded } = options

  const activeUser = (userId: string) =>
    database
      .selectFrom('users')
      .select(['id', 'username', 'role', 'scope', 'totp_seed'])
      .where('id', '=', userId)
      .where('disabled_at', 'is', null)
      .executeTakeFirst()

  const begin: Access['begin'] = async (userId, way, from, former) => {
    const user = await activeUser(userId)
    if (user === undefined) throw new DomainError('sign_in_refused', WRONG)
    const now = clock.now()
    const started = await database.transaction().execute(async (transaction) => {
      if (former !== null && (await sessions.end(transaction, former.sessionHash))) {
        const target = userTarget({ id: former.userId, username: former.username })
        await appendAudit(transaction, entryOf(from, now, { action: 'session.end', target }))
      }
      await noteSource(transaction, user.id, sourceOf(from.source), now)
      await transaction.updateTable('users').set({ last_signed_in_at: now }).where('id', '=', user.id).execute()
      const started = await sessions.start(transaction, {
        userId: user.id,
        way,
        address: from.source,
        userAgent: from.userAgent,
      })
      const actor = { ...from.actor, id: user.id, name: user.username }
      const entry = { action: 'session.start', target: userTarget(user), after: { way } }
      await appendAudit(transaction, entryOf({ ...from, actor }, now, entry))
      if (former !== null && former.userId !== user.id)
        await tellOfPerson(transaction, former.userId, ['sessions'], now)
      await tellOfPerson(transaction, user.id, ['users', 'sessions'], now)
      const signedIn = {
        userId: user.id,
        role: user.role,
        scope: user.scope,
        sessionHash: started.sessionHash,
        expiresAt: started.expiresAt,
        via: 'session',
        authenticatedAt: now,
      } as const
      return { token: started.token, session: await describeSession(transaction, signedIn) }
    })
    if (former !== null) onEnded(former.sessionHash)
    return started
  }

  /** A first factor was right. */
  const beginOrAsk = async (userId: string, way: 'password' | 'link', from: From) => {
    const user = await activeUser(userId)
    if (user?.totp_seed != null) return createChallenge(database, { userId, way }, clock.now())
    return begin(userId, way, from, formerOf(from))
  }

  return {
    async signIn({ username, password }, from) {
      const user = await database
        .selectFrom('users')
        .select(['id', 'username', 'password_hash'])
        .where('username', '=', username)
        .where('disabled_at', 'is', null)
        .executeTakeFirst()
      const check = () => verifyPassword(user?.password_hash ?? null, password)
      await checkGuess({ action: 'session.start', secret: 'password', username, user, refusal: WRONG, check }, from)
      return beginOrAsk(user?.id ?? '', 'password', from)
    },

    async signInByLink(token, from) {
      // No brake here: nobody guesses 256 random bits.
      const userId = await useLinkToken(database, token, clock.now())
      if (userId === undefined) throw new DomainError('sign_in_refused', LINK_GONE)
      return beginOrAsk(userId, 'link', from)
    },

    async signInByCode({ challenge, code }, from) {
      const now = clock.now()
      const found = await findChallenge(database, challenge, now)
      const user = found && (await activeUser(found.userId))
      if (found === undefined || user === undefined || user.totp_seed === null) {
        throw new DomainError('sign_in_refused', CHALLENGE_GONE)
      }
      const seed = user.totp_seed
      const guess = { action: 'session.start', secret: 'code', username: user.username, user } as const
      const check = () => useCode(database, secrets, { ...user, seed }, code, now)
      await checkGuess({ ...guess, refusal: CODE_WRONG, check }, from)
      if (!(await useChallenge(database, challenge))) throw new DomainError('sign_in_refused', CHALLENGE_GONE)
      return begin(user.id, found.way, from, formerOf(from))
    },

    begin,

    signOut: (signedIn, doer) =>
      database.transaction().execute(async (transaction) => {
        await sessions.end(transaction, signedIn.sessionHash)
        const target = userTarget({ id: signedIn.userId, username: signedIn.username })
        await appendAudit(transaction, entryOf(doer, clock.now(), { action: 'session.end', target }))
        await tellOfPerson(transaction, signedIn.userId, ['sessions'], clock.now())
      }),
  }
}

import type { Session } from '@rebootless/shared/contract/session.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { SignedIn } from '../http/call.ts'
import { verifyPassword } from './password.ts'
import type { Sessions } from './sessions.ts'
import { giveBackAttempt, sourceOf, takeAttempt } from './sign-in-brake.ts'
import { useLinkToken } from './sign-in-link.ts'

interface NewSession {
  readonly token: string
  readonly session: Session
}

export interface Access {
  /** @throws DomainError `sign_in_refused`, `too_many_attempts` */
  signIn(credentials: { username: string; password: string; address: string }): Promise<NewSession>
  /** @throws DomainError `sign_in_refused` */
  signInByLink(link: { token: string; address: string }): Promise<NewSession>
  signOut(signedIn: SignedIn): Promise<void>
}

const KNOWN_SOURCE_MS = 30 * 24 * 60 * 60_000

/** One answer for a wrong name and a wrong password. */
const refused = () =>
  new DomainError('sign_in_refused', 'Name or password is wrong: try again, or use a one-time link from the server.')

export const createAccess = (database: Kysely<DatabaseSchema>, sessions: Sessions, clock: Clock): Access => {
  const isKnownSource = async (userId: string | undefined, source: string, now: Date): Promise<boolean> => {
    const row = await database
      .selectFrom('sign_in_sources')
      .select('source')
      .where('user_id', '=', userId ?? '00000000-0000-0000-0000-000000000000')
      .where('source', '=', source)
      .where('last_success_at', '>', new Date(now.getTime() - KNOWN_SOURCE_MS))
      .executeTakeFirst()
    return row !== undefined
  }

  const begin = async (userId: string, source: string): Promise<NewSession> => {
    const now = clock.now()
    const user = await database
      .selectFrom('users')
      .select(['username', 'role'])
      .where('id', '=', userId)
      .where('disabled_at', 'is', null)
      .executeTakeFirst()
    if (user === undefined) throw refused()
    await database
      .insertInto('sign_in_sources')
      .values({ user_id: userId, source, last_success_at: now })
      .onConflict((conflict) => conflict.columns(['user_id', 'source']).doUpdateSet({ last_success_at: now }))
      .execute()
    const { token, expiresAt } = await sessions.start(userId)
    return { token, session: { ...user, expiresAt: expiresAt.toISOString() } }
  }

  return {
    async signIn({ username, password, address }) {
      const now = clock.now()
      const source = sourceOf(address)
      const user = await database
        .selectFrom('users')
        .select(['id', 'password_hash'])
        .where('username', '=', username)
        .where('disabled_at', 'is', null)
        .executeTakeFirst()
      const attempt = { username, source, knownSource: await isKnownSource(user?.id, source, now), now }
      await takeAttempt(database, attempt)
      if (!(await verifyPassword(user?.password_hash ?? null, password)) || user === undefined) throw refused()
      await giveBackAttempt(database, attempt)
      return begin(user.id, source)
    },

    async signInByLink({ token, address }) {
      // No brake here: nobody guesses 256 random bits.
      const userId = await useLinkToken(database, token, clock.now())
      if (userId === undefined) {
        throw new DomainError('sign_in_refused', 'This link was used or is too old: ask the server for a new one.')
      }
      return begin(userId, sourceOf(address))
    },

    signOut: ({ sessionHash }) => sessions.end(sessionHash),
  }
}

import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Kysely } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import { asWritten } from '../audit/written-refusals.ts'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { Call } from '../http/call.ts'
import { entryOf, userTarget } from './doer.ts'
import { giveBackAttempt, isKnownSource, sourceOf, takeAttempt } from './sign-in-brake.ts'

/** Where a sign-in comes from: a `Call` is one. */
export type From = Pick<Call, 'source' | 'userAgent' | 'actor' | 'requestId'>

export interface Guess {
  readonly action: 'session.start' | 'session.authenticate' | 'user.password'
  /** Password and second factor are counted apart. */
  readonly secret: 'password' | 'code'
  readonly username: string
  /** Undefined: no such user. */
  readonly user: { readonly id: string; readonly username: string } | undefined
  readonly refusal: string
  readonly check: () => Promise<boolean>
}

/**
 * Checks a secret behind the brake (T10): counted before it is looked at, given back when it was right. Wrong ones are
 * audited, and so is the brake when it closes; those it stops afterwards are not, so that nobody fills the log.
 */
export const createGuesses = (database: Kysely<DatabaseSchema>, clock: Clock) => {
  /** A name that nobody has is not written down: what people type there by mistake is often their password. */
  const audit = ({ action, user }: Guess, from: From, problem: string) =>
    database.transaction().execute((transaction) => {
      const target = user === undefined ? { kind: 'user', id: 'unknown', name: null } : userTarget(user)
      return appendAudit(transaction, entryOf(from, clock.now(), { action, target, problem }))
    })

  /** @throws DomainError `sign_in_refused`, `too_many_attempts` */
  return async (guess: Guess, from: From): Promise<void> => {
    const now = clock.now()
    const source = sourceOf(from.source)
    const username = guess.secret === 'password' ? guess.username : `second factor of ${guess.username}`
    const knownSource = await isKnownSource(database, guess.user?.id, source, now)
    const attempt = { username, source, knownSource, now }
    await takeAttempt(database, attempt, () => audit(guess, from, 'too_many_attempts'))
    if (!(await guess.check()) || guess.user === undefined) {
      await audit(guess, from, 'sign_in_refused')
      throw asWritten(new DomainError('sign_in_refused', guess.refusal))
    }
    await giveBackAttempt(database, attempt)
  }
}
export type CheckGuess = ReturnType<typeof createGuesses>

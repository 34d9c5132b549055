import type { Audience, RouteDefinition } from '@rebootless/shared/contract/route.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { SignedIn } from './call.ts'

const decided: unique symbol = Symbol('authorisation decided')

/** Proof that somebody was found to be allowed; only `authorise` makes one, and no answer leaves without it (T06). */
export interface Decision {
  readonly [decided]: true
  readonly signedIn: SignedIn | null
}

/**
 * Decides whether a route may be used. What is not declared is denied.
 * @throws DomainError `not_signed_in`, `not_authorised`
 */
export const authorise = (audience: Audience, signedIn: SignedIn | null): Decision => {
  if (audience === 'anyone') return { [decided]: true, signedIn }
  if (signedIn === null) {
    throw new DomainError('not_signed_in', 'Nobody is signed in here, or the session has ended: sign in and try again.')
  }
  if (!audience.includes(signedIn.role)) {
    const who = audience.join(' or ')
    const speaker = signedIn.via === 'token' ? `this token of ${signedIn.username}` : signedIn.username
    throw new DomainError('not_authorised', `This needs the role ${who}; ${speaker} is ${signedIn.role}.`)
  }
  return { [decided]: true, signedIn }
}

/** So long a proof of who somebody is counts for dangerous acts (T25). */
export const PROOF_MS = 5 * 60_000

/**
 * What a route asks beyond the role: a person instead of a script (T11), and one who proved just now that it is he (T25).
 * @throws DomainError `not_authorised`, `authentication_too_old`
 */
export const requireProof = (
  { by, reauthenticate }: Pick<RouteDefinition, 'by' | 'reauthenticate'>,
  signedIn: SignedIn | null,
  now: Date,
): void => {
  if (by === 'person' && signedIn?.via === 'token') {
    throw new DomainError('not_authorised', 'This needs a person, not an API token: sign in with a browser.')
  }
  if (reauthenticate === undefined) return
  const authenticatedAt = signedIn?.authenticatedAt ?? null
  if (authenticatedAt !== null && now.getTime() - authenticatedAt.getTime() <= PROOF_MS) return
  throw new DomainError(
    'authentication_too_old',
    'You proved who you are more than five minutes ago: do it again by POST /api/v1/session/authenticate.',
  )
}

/** Whether this came from `authorise`. */
export const isDecision = (value: unknown): value is Decision =>
  typeof value === 'object' && value !== null && (value as Partial<Decision>)[decided] === true

import type { Audience } from '@rebootless/shared/contract/route.ts'
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
    throw new DomainError('not_authorised', `This needs the role ${who}; ${signedIn.username} is ${signedIn.role}.`)
  }
  return { [decided]: true, signedIn }
}

/** Whether this came from `authorise`. */
export const isDecision = (value: unknown): value is Decision =>
  typeof value === 'object' && value !== null && (value as Partial<Decision>)[decided] === true

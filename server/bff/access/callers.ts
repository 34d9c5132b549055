import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Request } from 'express'
import type { SignedIn } from '../http/call.ts'
import { type ApiTokens, isTokenKey } from './api-tokens.ts'
import { carriesSessionCookie, readSessionCookie } from './session-cookie.ts'
import type { Sessions } from './sessions.ts'

export interface Callers {
  /**
   * Who asks: a person by his cookie, or a script by its token; null when nobody says who he is.
   * @throws DomainError `not_signed_in` for a token that is none of ours, or one with a cookie beside it
   */
  find(request: Request): Promise<SignedIn | null>
  /** Those among the given `sessionHash` of `find` that may go on. */
  alive(keys: readonly string[]): Promise<ReadonlySet<string>>
}

/** RFC 6750, §2.1; the scheme's letters in any case (RFC 9110, §11.1). */
const BEARER = /^bearer +(rbl_[A-Za-z0-9_-]{43})$/i

export const createCallers = (sessions: Sessions, tokens: ApiTokens): Callers => ({
  async find(request) {
    const { authorization } = request.headers
    if (authorization === undefined) {
      const token = readSessionCookie(request)
      return token === undefined ? null : sessions.find(token)
    }
    // Which of the two counts would be a guess, and a wrong one lets a script do what a person alone may.
    if (carriesSessionCookie(request)) {
      throw new DomainError('not_signed_in', 'An API token and a session came together: send one of them.')
    }
    const token = BEARER.exec(authorization)?.[1]
    const found = token === undefined ? null : await tokens.find(token)
    if (found === null) {
      throw new DomainError('not_signed_in', 'This API token is not known here, or has ended: make a new one.')
    }
    return found
  },

  async alive(keys) {
    const [ofSessions, ofTokens] = await Promise.all([
      sessions.alive(keys.filter((key) => !isTokenKey(key))),
      tokens.alive(keys.filter(isTokenKey)),
    ])
    return new Set([...ofSessions, ...ofTokens])
  },
})

import type { Request, Response } from 'express'
import type { SessionCookies } from '../http/call.ts'
import { ABSOLUTE_MS } from './sessions.ts'

/**
 * A `__Host-` cookie must be Secure (RFC 6265bis, §4.1.3.2), which plain HTTP cannot set; there, on loopback alone, it
 * goes without both (T01).
 */
const cookieName = (secure: boolean) => (secure ? '__Host-rebootless' : 'rebootless')

const attributes = (secure: boolean) => ({ httpOnly: true, secure, sameSite: 'strict', path: '/' }) as const

/** Values of all cookies of a name; what stands behind a second `=` is cut. */
export const readCookies = (request: Request, name: string): string[] =>
  (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim().split('='))
    .filter(([key]) => key === name)
    .map(([, value = '']) => value)

export const carriesSessionCookie = (request: Request): boolean =>
  readCookies(request, cookieName(request.secure)).length > 0

/** The session's token in a request's cookies; undefined when there is none, or more than one of that name. */
export const readSessionCookie = (request: Request): string | undefined => {
  const values = readCookies(request, cookieName(request.secure))
  const [only] = values
  return values.length === 1 && only !== undefined && /^[A-Za-z0-9_-]{43}$/.test(only) ? only : undefined
}

export const sessionCookies = (request: Request, response: Response): SessionCookies => {
  const { secure } = request
  return {
    set: (token) => {
      response.cookie(cookieName(secure), token, { ...attributes(secure), maxAge: ABSOLUTE_MS })
    },
    clear: () => {
      response.clearCookie(cookieName(secure), attributes(secure))
    },
  }
}

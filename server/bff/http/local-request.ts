import type { IncomingHttpHeaders } from 'node:http'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { isLoopback } from '../settings.ts'

/** What of an Express request tells how it came here. */
interface Hop {
  readonly headers: IncomingHttpHeaders
  readonly ip?: string | undefined
  readonly secure: boolean
  readonly socket: { readonly remoteAddress?: string | undefined }
}

/** From this machine, and not passed on by a proxy that nobody declared. */
export const isLocal = (request: Hop): boolean => {
  const { remoteAddress } = request.socket
  const passedOn = ['x-forwarded-for', 'x-forwarded-proto', 'forwarded'].some((name) => name in request.headers)
  if (passedOn && request.ip === remoteAddress) return false
  return isLoopback(request.ip ?? '') && isLoopback(remoteAddress ?? '')
}

/**
 * Behind a declared proxy the port may be open to the network as well: what came to it in the clear is refused before
 * it can carry a password or a cookie (T01). Express takes X-Forwarded-Proto from a declared proxy alone.
 * @throws DomainError `not_authorised`
 */
export const requireSafeHop = (request: Hop): void => {
  if (request.secure || isLocal(request)) return
  throw new DomainError(
    'not_authorised',
    'This came over the network in the clear: use the https address of the proxy in front of this server, which must ' +
      'be named in TRUSTED_PROXY and send X-Forwarded-Proto.',
  )
}

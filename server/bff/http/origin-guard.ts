import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Request } from 'express'

/** The host name in a Host header, lower case and without port; undefined when there is none that could be a name. */
export const hostNameOf = (header: string | undefined): string | undefined =>
  /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i.exec(header ?? '')?.[1]?.toLowerCase()

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]']

/** The names under which browsers may reach this server; a rebound DNS name is not among them (T02). */
export const allowedHostNames = (settings: { host: string; publicHosts: readonly string[] }): ReadonlySet<string> => {
  const own = settings.host.includes(':') ? `[${settings.host}]` : settings.host
  const anyAddress = own === '0.0.0.0' || own === '[::]'
  return new Set([...LOOPBACK_NAMES, ...(anyAddress ? [] : [own.toLowerCase()]), ...settings.publicHosts])
}

/** @throws DomainError `origin_refused` unless the Host header is on the list */
export const requireKnownHost = (request: Request, allowed: ReadonlySet<string>): string => {
  const name = hostNameOf(request.headers.host)
  if (name !== undefined && allowed.has(name)) return name
  throw new DomainError(
    'origin_refused',
    'This server does not answer to that name: use its own address, or add the name to PUBLIC_HOSTS.',
  )
}

/** No browser adds this by itself, and none lets another site's script add it: nothing to forge a request with. */
const bearsToken = (request: Request): boolean => request.headers.authorization !== undefined

/**
 * A write must come from our own pages: a form or a script elsewhere can send neither this Content-Type nor this Origin
 * without asking, and we never say yes (T02; Fetch standard, CORS protocol). A script with an API token has no origin.
 * @throws DomainError `origin_refused`
 */
export const requireOwnOrigin = (request: Request, media: 'json' | 'octets' = 'json'): void => {
  if (request.method === 'GET' || request.method === 'HEAD') return
  const { headers } = request
  const site = headers['sec-fetch-site']
  const own = `${request.protocol}://${headers.host ?? ''}`.toLowerCase()
  const foreign = headers.origin?.toLowerCase() !== own && !(bearsToken(request) && headers.origin === undefined)
  if (foreign || (site !== undefined && site !== 'same-origin')) {
    throw new DomainError('origin_refused', `Changes are taken from ${own} only: send that as Origin.`)
  }
  const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
  const type = headers['content-type']
  const bare = !hasBody || headers['content-length'] === '0'
  const octets = media === 'octets' && type?.trim().toLowerCase() === 'application/octet-stream'
  const json =
    media === 'json' && type !== undefined && /^application\/json(\s*;\s*charset="?utf-8"?)?$/i.test(type.trim())
  if (!json && !octets && !(bare && type === undefined)) {
    const wanted = media === 'octets' ? 'application/octet-stream' : 'application/json'
    throw new DomainError('origin_refused', `Changes are taken here as ${wanted} only: send that as Content-Type.`)
  }
}

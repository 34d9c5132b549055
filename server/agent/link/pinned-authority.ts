import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto'
import { connect, type DetailedPeerCertificate } from 'node:tls'
import { SERVER_NAME } from '@rebootless/shared/domain/agent-link.ts'
import { LinkError } from './link-error.ts'
import type { ServerAddress } from './server-address.ts'

const CHAIN_MAX = 5

const chainOf = (leaf: DetailedPeerCertificate): Buffer[] => {
  const chain: Buffer[] = []
  let at: DetailedPeerCertificate | undefined = leaf
  while (at?.raw !== undefined && chain.length < CHAIN_MAX) {
    chain.push(at.raw)
    at = at.issuerCertificate === at ? undefined : at.issuerCertificate
  }
  return chain
}

const isPinned = (certificate: Buffer, pin: Buffer): boolean =>
  timingSafeEqual(createHash('sha256').update(certificate).digest(), pin)

/**
 * Fetches the certificate authority that a join token pins, out of the chain that the server shows. This connection
 * trusts nobody and sends nothing; whoever shows the pinned certificate has yet to prove, on the next connection, that
 * its own was signed by it. Throws LinkError `server_unreachable`, `server_not_pinned`.
 */
export const fetchPinnedAuthority = (address: ServerAddress, pin: string, timeoutMs = 10_000): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ ...address, servername: SERVER_NAME, rejectUnauthorized: false, minVersion: 'TLSv1.3' })
    const fail = (error: LinkError) => {
      socket.destroy()
      reject(error)
    }
    socket.setTimeout(timeoutMs, () => fail(unreachable(address, 'it did not answer in time')))
    socket.once('error', (error) => fail(unreachable(address, error.message)))
    socket.once('secureConnect', () => {
      const pinBytes = Buffer.from(pin, 'base64url')
      const authority = chainOf(socket.getPeerCertificate(true)).find((certificate) => isPinned(certificate, pinBytes))
      if (authority === undefined) {
        const text = `The server at ${address.host}:${address.port} is not the one that made this token. Check the address; if it is right, somebody may be in between.`
        return fail(new LinkError('server_not_pinned', text))
      }
      socket.destroy()
      resolve(new X509Certificate(authority).toString())
    })
  })

export const unreachable = (address: ServerAddress, why: string): LinkError =>
  new LinkError(
    'server_unreachable',
    `No connection to ${address.host}:${address.port}: ${why}. Check the address, the port and the firewall.`,
  )

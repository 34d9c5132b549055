import { createHash } from 'node:crypto'
import { formatJoinToken } from '@rebootless/shared/domain/join-token.ts'

/** What is stored of a token: SHA-256 of its secret, hex. 256 random bits need no slow hash. */
export const hashJoinSecret = (secret: string): string =>
  createHash('sha256').update(`rebootless join token\0${secret}`).digest('hex')

/**
 * Makes a token for one host. `random` gives so many random bytes (node:crypto's randomBytes); the token itself is
 * shown once and never stored.
 */
export const createJoinToken = (options: {
  /** SHA-256 of the authority's certificate in DER, base64url: `CertificateAuthority.fingerprint`. */
  caFingerprint: string
  random: (bytes: number) => Buffer
}): { token: string; hash: string } => {
  const secret = options.random(32).toString('base64url')
  return { token: formatJoinToken({ secret, authorityPin: options.caFingerprint }), hash: hashJoinSecret(secret) }
}

/**
 * The join token: all that a host needs beside the server's address. It carries a secret, used once, and the pin of
 * the server's certificate authority, so that a host knows the server before it trusts it with the secret (T15).
 */

/** Both parts are 32 bytes in base64url without padding (RFC 4648, §5); the last of 43 characters holds 4 bits. */
const PART = '[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]'
const JOIN_TOKEN = new RegExp(`^rbl1\\.(${PART})\\.(${PART})$`)

export interface JoinToken {
  /** 32 random bytes, base64url. */
  readonly secret: string
  /** SHA-256 of the authority's certificate in DER, base64url. */
  readonly authorityPin: string
}

/** Undefined for whatever is not, to the letter, a token: surrounding white space is the only thing forgiven. */
export const parseJoinToken = (text: string): JoinToken | undefined => {
  const match = JOIN_TOKEN.exec(text.trim())
  const secret = match?.[1]
  const authorityPin = match?.[2]
  return secret === undefined || authorityPin === undefined ? undefined : { secret, authorityPin }
}

export const formatJoinToken = (token: JoinToken): string => `rbl1.${token.secret}.${token.authorityPin}`

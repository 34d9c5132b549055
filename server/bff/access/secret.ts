import { createHash, randomBytes } from 'node:crypto'

/** What a secret opens; two kinds never hash alike. */
type SecretPurpose = 'session' | 'sign-in link' | 'sign-in challenge' | 'API token' | 'recovery code'

/** 256 random bits, base64url: for sessions, links and tokens (T01 asks for 128). */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** What is stored of a random secret: it is long enough that no slow hash is needed. */
export const hashSecret = (purpose: SecretPurpose, secret: string): string =>
  createHash('sha256').update(`rebootless ${purpose}\0${secret}`).digest('hex')

import { createHash, randomBytes } from 'node:crypto'

/** 256 random bits, base64url: for sessions and sign-in links (T01 asks for 128). */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** What is stored of a secret of `newSecret`: it is long enough that no slow hash is needed. `purpose` keeps kinds apart. */
export const hashSecret = (purpose: 'session' | 'sign-in link', secret: string): string =>
  createHash('sha256').update(`rebootless ${purpose}\0${secret}`).digest('hex')

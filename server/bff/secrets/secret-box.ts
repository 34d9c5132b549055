import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { DomainError } from '@rebootless/shared/domain/errors.ts'

/** Keeps secrets that must be read back; those that need only be compared are hashed instead (T31). */
export interface SecretBox {
  /**
   * `purpose` names what the secret is and whose, such as `totp USER_ID`: it opens under that purpose alone, so whoever
   * writes to the database cannot pass one row's secret off as another's.
   */
  seal(purpose: string, text: string): string
  /** @throws DomainError `secret_unreadable` when it was sealed with another key or for another purpose, or altered */
  open(purpose: string, sealed: string): string
}

const VERSION = 'v1.'
export const SECRETS_KEY_BYTES = 32
/** NIST SP 800-38D, §8.2.2: 96 random bits, for fewer than 2³² secrets under one key. */
const NONCE_BYTES = 12
const TAG_BYTES = 16

const additional = (purpose: string) => Buffer.from(`rebootless secret\0${purpose}`)

/** AES-256-GCM: `v1.` and, in base64url, nonce, ciphertext, tag. */
export const createSecretBox = (key: Uint8Array): SecretBox => {
  if (key.length !== SECRETS_KEY_BYTES) throw new Error(`a key of ${SECRETS_KEY_BYTES} bytes is needed`)
  return {
    seal(purpose, text) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(additional(purpose))
      const bytes = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return VERSION + Buffer.concat(bytes).toString('base64url')
    },
    open(purpose, sealed) {
      try {
        if (!sealed.startsWith(VERSION)) throw new Error('unknown version')
        const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url')
        const nonce = bytes.subarray(0, NONCE_BYTES)
        const tag = bytes.subarray(bytes.length - TAG_BYTES)
        const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
        decipher.setAAD(additional(purpose)).setAuthTag(tag)
        const text = decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES))
        return Buffer.concat([text, decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new DomainError(
          'secret_unreadable',
          'A stored secret cannot be read with this server’s key: put the key back, or enter the secret again.',
          { cause },
        )
      }
    },
  }
}

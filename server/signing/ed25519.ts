import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { KeySignature, PublicKey } from '@rebootless/shared/contract/signed.ts'
import { type PayloadType, signingBytes } from '@rebootless/shared/domain/signing-bytes.ts'

/** The 32 bytes of a key's public half in base64 (RFC 8037, "x"). */
export const publicKeyOf = (key: KeyObject): PublicKey => {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' })
  return Buffer.from(x, 'base64url').toString('base64')
}

export const signPayload = (key: KeyObject, type: PayloadType, payload: string): KeySignature => ({
  publicKey: publicKeyOf(key),
  signature: sign(null, signingBytes(type, payload), key).toString('base64'),
})

/** Whether the key signed type and exact text (threat-model T23). */
export const isSigned = (signed: KeySignature, type: PayloadType, payload: string): boolean =>
  isSignedBytes(signed, signingBytes(type, payload))

/**
 * Whether the key signed the bytes. OpenSSL refuses a signature whose second half is not below the group's order (RFC 8032,
 * 5.1.7), so there is one spelling of each. False for a key that is none.
 */
export const isSignedBytes = ({ publicKey, signature }: KeySignature, bytes: Uint8Array): boolean => {
  try {
    const x = Buffer.from(publicKey, 'base64').toString('base64url')
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    return verify(null, bytes, key, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}

import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { KeySignature, PublicKey } from '@rebootless/shared/contract/signed.ts'
import { type PayloadType, signingBytes } from '@rebootless/shared/domain/signing-bytes.ts'

const KEY_BYTES = 32

/**
 * The 32 bytes of a key's public half in base64, which end its SubjectPublicKeyInfo (RFC 8410, 4). Not by way of a JWK: Node 20
 * holds the key's lock while it makes one, and stands still for good when the garbage collector then meets the job that
 * generated the key, which takes the same lock. Empty for a key of another kind.
 */
export const publicKeyOf = (key: KeyObject): PublicKey => {
  if (key.asymmetricKeyType !== 'ed25519') return ''
  const half = key.type === 'private' ? createPublicKey(key) : key
  return half.export({ type: 'spki', format: 'der' }).subarray(-KEY_BYTES).toString('base64')
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

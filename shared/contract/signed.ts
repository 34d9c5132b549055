import * as z from 'zod'
import { PAYLOAD_TYPES } from '../domain/signing-bytes.ts'

/** Ed25519, 32 bytes, base64 (RFC 8032, RFC 4648 §4): canonical, so one key has one spelling. */
export const PublicKey = z
  .string()
  .regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, 'should be the 32 bytes of an Ed25519 key in base64')
export type PublicKey = z.infer<typeof PublicKey>
/** Ed25519, 64 bytes, base64. */
export const Signature = z.string().regex(/^[A-Za-z0-9+/]{85}[AQgw]==$/)
export type Signature = z.infer<typeof Signature>
/** SHA-256, hex. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'should be a SHA-256 of 64 digits of 0-9 and a-f')

export const KeySignature = z.strictObject({ publicKey: PublicKey, signature: Signature })
export type KeySignature = z.infer<typeof KeySignature>

/**
 * A signed text: `payload` is kept and sent as the very characters that were signed, and parsed only after the
 * signatures were found good over shared/domain/signing-bytes.ts (threat-model T23).
 */
export const Signed = z.strictObject({
  type: z.enum(PAYLOAD_TYPES),
  payload: z.string().max(512 * 1024),
  signatures: z.array(KeySignature).max(64),
})
export type Signed = z.infer<typeof Signed>

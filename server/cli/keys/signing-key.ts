import type { KeySignature } from '@rebootless/shared/contract/signed.ts'
import type { PayloadType } from '@rebootless/shared/domain/signing-bytes.ts'

/** A key that is at hand, wherever its private half is. */
export interface SigningKey {
  /** 32 bytes, base64. */
  readonly publicKey: string
  /** Where it is, in words. */
  readonly where: string
  sign(type: PayloadType, payload: string): Promise<KeySignature>
  /** The 64 bytes of plain Ed25519 over `bytes`, with no type around them: whoever calls this says what they are for. */
  signBytes(bytes: Uint8Array): Promise<Uint8Array>
}

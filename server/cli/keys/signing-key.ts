import type { KeySignature } from '@rebootless/shared/contract/signed.ts'
import type { PayloadType } from '@rebootless/shared/domain/signing-bytes.ts'

/** A key that is at hand, wherever its private half is. */
export interface SigningKey {
  /** 32 bytes, base64. */
  readonly publicKey: string
  /** Where it is, in words. */
  readonly where: string
  sign(type: PayloadType, payload: string): Promise<KeySignature>
}

/** A key cannot be used: `message` says why and what to do. */
export class KeyError extends Error {}

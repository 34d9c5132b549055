import { createPublicKey, verify } from 'node:crypto'
import { AuditHead } from '@rebootless/shared/contract/audit.ts'
import type { PublicKey, Signed } from '@rebootless/shared/contract/signed.ts'
import { PAYLOAD_TYPES, signingBytes } from '@rebootless/shared/domain/signing-bytes.ts'

/** What a head says; undefined when `publicKey` did not sign it. The text is parsed only once its signature was found good. */
export const verifiedHead = (signed: Signed, publicKey: PublicKey): AuditHead | undefined => {
  const x = Buffer.from(publicKey, 'base64').toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  const good = signed.signatures.some(
    (one) =>
      one.publicKey === publicKey &&
      verify(null, signingBytes(PAYLOAD_TYPES.auditHead, signed.payload), key, Buffer.from(one.signature, 'base64')),
  )
  return good && signed.type === PAYLOAD_TYPES.auditHead ? AuditHead.parse(JSON.parse(signed.payload)) : undefined
}

import { createPublicKey, type KeyObject, sign } from 'node:crypto'

/*
 * A PKCS #10 request (RFC 2986) with nothing in it but the key. Written out by hand because an ASN.1 library would
 * make the one file that hosts install several times larger, for these few bytes.
 */

/** Tag, length, content: X.690, §8.1. */
const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const content = Buffer.concat(parts)
  const length = content.length
  const header =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from(header), content])
}
const SEQUENCE = 0x30
const VERSION_0 = der(0x02, Buffer.from([0]))
const NO_NAME = der(SEQUENCE)
const NO_ATTRIBUTES = der(0xa0)
/** ecdsa-with-SHA256, 1.2.840.10045.4.3.2: RFC 5758, §3.2. */
const ECDSA_WITH_SHA256 = der(SEQUENCE, der(0x06, Buffer.from('2a8648ce3d040302', 'hex')))

/** PEM for a P-256 private key, which stays here: only its public half and a signature go out. */
export const certificateRequest = (privateKey: KeyObject): string => {
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  const info = der(SEQUENCE, VERSION_0, NO_NAME, publicKey, NO_ATTRIBUTES)
  const signature = sign('sha256', info, privateKey)
  const request = der(SEQUENCE, info, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), signature))
  const lines = request.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE REQUEST-----', ...lines, '-----END CERTIFICATE REQUEST-----', ''].join('\n')
}

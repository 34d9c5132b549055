import 'reflect-metadata'
import { createPublicKey } from 'node:crypto'
import { Pkcs10CertificateRequest } from '@peculiar/x509'
import { DomainError } from '@rebootless/shared/domain/errors.ts'

const refused = (detail: string, cause?: unknown) => new DomainError('body_invalid', detail, { cause })

/**
 * The public key (SubjectPublicKeyInfo, DER) of a certificate request in PEM (PKCS #10, RFC 2986). Its names,
 * extensions and attributes are never looked at (T16); its signature proves that the asker holds the key.
 * Throws `body_invalid`.
 */
export const publicKeyOfRequest = async (pem: string): Promise<Buffer> => {
  let request: Pkcs10CertificateRequest
  try {
    request = new Pkcs10CertificateRequest(pem)
  } catch (error) {
    throw refused('The certificate request cannot be read: send PKCS #10 in PEM.', error)
  }
  const publicKey = Buffer.from(request.publicKey.rawData)
  let curve: string | undefined
  try {
    const key = createPublicKey({ key: publicKey, format: 'der', type: 'spki' })
    curve = key.asymmetricKeyType === 'ec' ? key.asymmetricKeyDetails?.namedCurve : undefined
  } catch (error) {
    throw refused('The public key of the certificate request cannot be read.', error)
  }
  if (curve !== 'prime256v1') throw refused('The key must be of the P-256 curve: make a new one on the host.')
  const proven = await request.verify().catch(() => false)
  if (!proven) throw refused('The certificate request is not signed by its own key.')
  return publicKey
}

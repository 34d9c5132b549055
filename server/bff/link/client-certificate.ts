import type { X509Certificate } from 'node:crypto'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { fingerprintOf } from './certificate-authority.ts'
import type { CertifiedHost, EnrolmentStore } from './ports.ts'

/** id-kp-clientAuth and id-kp-serverAuth: RFC 5280, §4.2.1.12. */
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'

export interface AgentPeer extends CertifiedHost {
  readonly fingerprint: string
  readonly expiresAt: Date
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer
}

const refused = (detail: string) => new DomainError('certificate_refused', detail)

/**
 * Who is at the other end of a TLS connection: the role and the host come from the certificate and from nothing else
 * (T16). `chainVerified` is what TLS made of it; the rest is asked again here, so that neither a resumed session nor
 * an option set wrongly can let one through. Throws `certificate_refused`.
 */
export const identifyAgent = async (
  connection: {
    certificate: X509Certificate | undefined
    chainVerified: boolean
    authorities: readonly X509Certificate[]
  },
  store: Pick<EnrolmentStore, 'certifiedHost'>,
  now: Date,
): Promise<AgentPeer> => {
  const { certificate, authorities } = connection
  if (certificate === undefined) throw refused('This address is for enrolled agents: a client certificate is missing.')
  const expiresAt = new Date(certificate.validTo)
  if (!(now < expiresAt)) throw refused('The certificate of this agent has expired: enrol the host again.')
  const ours = authorities.some(
    (authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
  )
  if (!ours || !connection.chainVerified)
    throw refused('This certificate is not from this server: enrol the host here.')
  const usage = certificate.keyUsage ?? [] // Node's name for the *extended* key usage
  if (usage.length !== 1 || usage[0] !== CLIENT_AUTH || certificate.subjectAltName !== undefined) {
    throw refused('This is not the certificate of an agent.')
  }
  const fingerprint = fingerprintOf(certificate)
  const host = await store.certifiedHost(fingerprint)
  if (host === undefined || certificate.subject !== `CN=${host.hostId}`) {
    throw refused('This certificate was revoked, or its host removed: enrol the host again.')
  }
  const publicKey = certificate.publicKey.export({ type: 'spki', format: 'der' })
  return { ...host, fingerprint, expiresAt, publicKey }
}

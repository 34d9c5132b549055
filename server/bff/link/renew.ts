import type { EnrolResponse, RenewRequest } from '@rebootless/shared/contract/enrolment.ts'
import type { PublicKey } from '@rebootless/shared/contract/signed.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { CertificateAuthority } from './certificate-authority.ts'
import { publicKeyOfRequest } from './certificate-request.ts'
import type { AgentPeer } from './client-certificate.ts'
import type { EnrolmentStore } from './ports.ts'

/**
 * A new certificate for a new key of a host that proved its old one. The old one stays good until the new one is first
 * used, so that an answer lost on its way leaves no gap (T17). Throws `body_invalid`, `certificate_refused`,
 * `not_ready`.
 */
export const renewCertificate = async (
  peer: AgentPeer,
  request: RenewRequest,
  context: { authority: CertificateAuthority; store: EnrolmentStore; commandKey: PublicKey; now: Date },
): Promise<EnrolResponse> => {
  const { authority, store, now } = context
  const publicKey = await publicKeyOfRequest(request.certificateRequest)
  if (publicKey.equals(peer.publicKey)) {
    throw new DomainError('body_invalid', 'The key is the old one: make a new one for the new certificate.')
  }
  const certificate = await authority.issueAgentCertificate({ hostId: peer.hostId, publicKey, now })
  const added = await store.addCertificate({
    hostId: peer.hostId,
    certificate: { fingerprint: certificate.fingerprint, expiresAt: certificate.expiresAt },
    now,
  })
  if (!added) throw new DomainError('certificate_refused', 'This host was removed: enrol it again.')
  return {
    hostId: peer.hostId,
    certificate: certificate.certificatePem,
    certificateAuthority: authority.certificatePem,
    expiresAt: certificate.expiresAt.toISOString(),
    commandKey: context.commandKey,
  }
}

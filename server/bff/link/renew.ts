import type { EnrolResponse, RenewRequest } from '@rebootless/shared/contract/enrolment.ts'
import type { PublicKey } from '@rebootless/shared/contract/signed.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { CertificateAuthorities } from './certificate-authorities.ts'
import { publicKeyOfRequest } from './certificate-request.ts'
import type { AgentPeer } from './client-certificate.ts'
import { enrolAnswer } from './enrol-answer.ts'
import type { EnrolmentStore } from './ports.ts'

/**
 * A new certificate for a new key of a host that proved its old one, signed by the newest authority that it says it
 * trusts. The old one stays good until the new one is first used, so that an answer lost on its way leaves no gap (T17).
 * Throws `body_invalid`, `certificate_refused`, `not_ready`.
 */
export const renewCertificate = async (
  peer: AgentPeer,
  request: RenewRequest,
  context: { authorities: CertificateAuthorities; store: EnrolmentStore; commandKey: PublicKey; now: Date },
): Promise<EnrolResponse> => {
  const { authorities, commandKey, store, now } = context
  const { hostId } = peer
  const publicKey = await publicKeyOfRequest(request.certificateRequest)
  if (publicKey.equals(peer.publicKey)) {
    throw new DomainError('body_invalid', 'The key is the old one: make a new one for the new certificate.')
  }
  const known = authorities.trusted().filter(({ fingerprint }) => request.authorities?.includes(fingerprint))
  const authority = known.at(-1) ?? authorities.shown()
  const certificate = await authority.issueAgentCertificate({ hostId, publicKey, now })
  if (!(await store.addCertificate({ hostId, certificate, now }))) {
    throw new DomainError('certificate_refused', 'This host was removed: enrol it again.')
  }
  return enrolAnswer({ hostId, certificate, authorities, commandKey, protocol: request.protocol })
}

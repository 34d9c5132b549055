import type { EnrolRequest, EnrolResponse } from '@rebootless/shared/contract/enrolment.ts'
import type { PublicKey } from '@rebootless/shared/contract/signed.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { parseJoinToken } from '@rebootless/shared/domain/join-token.ts'
import type { CertificateAuthority } from './certificate-authority.ts'
import { publicKeyOfRequest } from './certificate-request.ts'
import { hashJoinSecret } from './join-token.ts'
import type { EnrolmentStore } from './ports.ts'

const refusedToken = () =>
  new DomainError(
    'enrolment_token_refused',
    'This join token is unknown, used, or past its end: ask the server for a new one.',
  )

/**
 * Turns a join token and a public key into a host with a certificate. The certificate is made first and the token
 * consumed by the write that creates the host (T15), so a crash in between leaves an unused token and no host.
 * Throws `enrolment_token_refused`, `body_invalid`.
 */
export const enrolHost = async (
  request: EnrolRequest,
  context: {
    authority: CertificateAuthority
    store: Pick<EnrolmentStore, 'enrol' | 'tokenIsGood'>
    /** What commands will be signed by. */
    commandKey: PublicKey
    now: Date
    /** A new random UUID: ids are never reused (T18). */
    newHostId: () => string
  },
): Promise<EnrolResponse> => {
  const { authority, store, now } = context
  const token = parseJoinToken(request.token)
  if (token === undefined) {
    throw new DomainError(
      'enrolment_token_refused',
      'This is not a join token: copy the whole command from the server.',
    )
  }
  if (token.authorityPin !== authority.fingerprint) {
    throw new DomainError(
      'enrolment_token_refused',
      'This join token was made by another server: ask this one for one.',
    )
  }
  const tokenHash = hashJoinSecret(token.secret)
  // Strangers reach this: reading a request and signing cost more than a look at the token.
  if (!(await store.tokenIsGood(tokenHash, now))) throw refusedToken()
  const publicKey = await publicKeyOfRequest(request.certificateRequest)
  const hostId = context.newHostId()
  const certificate = await authority.issueAgentCertificate({ hostId, publicKey, now })
  const enrolled = await store.enrol({
    tokenHash,
    // `request.origin` is the host's own word: what it is, the token says (T18).
    host: { id: hostId, name: request.hostName },
    certificate: { fingerprint: certificate.fingerprint, expiresAt: certificate.expiresAt },
    now,
  })
  if (!enrolled) throw refusedToken()
  return {
    hostId,
    certificate: certificate.certificatePem,
    certificateAuthority: authority.certificatePem,
    expiresAt: certificate.expiresAt.toISOString(),
    commandKey: context.commandKey,
  }
}

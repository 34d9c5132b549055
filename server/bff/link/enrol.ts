import type { EnrolRequest, EnrolResponse } from '@rebootless/shared/contract/enrolment.ts'
import type { PublicKey } from '@rebootless/shared/contract/signed.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { type JoinToken, parseJoinToken } from '@rebootless/shared/domain/join-token.ts'
import type { CertificateAuthorities } from './certificate-authorities.ts'
import { publicKeyOfRequest } from './certificate-request.ts'
import { enrolAnswer } from './enrol-answer.ts'
import { hashJoinSecret } from './join-token.ts'
import type { EnrolmentStore } from './ports.ts'

const refusedToken = () =>
  new DomainError(
    'enrolment_token_refused',
    'This join token is unknown, used, or past its end: ask the server for a new one.',
  )

const readToken = (text: string, authorities: CertificateAuthorities): JoinToken => {
  const token = parseJoinToken(text)
  if (token === undefined) {
    throw new DomainError(
      'enrolment_token_refused',
      'This is not a join token: copy the whole command from the server.',
    )
  }
  if (!authorities.trusted().some(({ fingerprint }) => fingerprint === token.authorityPin)) {
    throw new DomainError(
      'enrolment_token_refused',
      'This join token was made by another server: ask this one for one.',
    )
  }
  return token
}

export interface EnrolContext {
  readonly authorities: CertificateAuthorities
  /** What commands will be signed by. */
  readonly commandKey: PublicKey
  readonly store: Pick<EnrolmentStore, 'enrol' | 'tokenIsGood' | 'enrolmentRefused'>
  readonly now: Date
  /** IP address of who asks. */
  readonly address: string | null
  /** A new random UUID: ids are never reused (T18). */
  readonly newHostId: () => string
}

/**
 * Turns a join token and a public key into a host with a certificate. The certificate is made first and the token
 * consumed by the write that creates the host (T15), so a crash in between leaves an unused token and no host. Who is
 * refused is written down. Throws `enrolment_token_refused`, `body_invalid`.
 */
export const enrolHost = async (request: EnrolRequest, context: EnrolContext): Promise<EnrolResponse> => {
  const { store, now, address } = context
  const who = { name: request.hostName, machineId: request.machineId, address }
  try {
    return await enrolBy(readToken(request.token, context.authorities), who, request, context)
  } catch (error) {
    if (error instanceof DomainError) await store.enrolmentRefused({ who, problem: error.code, now })
    throw error
  }
}

const enrolBy = async (
  token: JoinToken,
  who: { name: string; machineId: string | undefined; address: string | null },
  request: EnrolRequest,
  { authorities, commandKey, store, now, newHostId }: EnrolContext,
): Promise<EnrolResponse> => {
  const tokenHash = hashJoinSecret(token.secret)
  // Strangers reach this: reading a request and signing cost more than a look at the token.
  if (!(await store.tokenIsGood(tokenHash, now))) throw refusedToken()
  const publicKey = await publicKeyOfRequest(request.certificateRequest)
  const hostId = newHostId()
  // Who is told of all authorities trusts the newest; an older agent knows the one that it was pinned to.
  const authority = request.protocol === undefined ? authorities.shown() : authorities.newest()
  const certificate = await authority.issueAgentCertificate({ hostId, publicKey, now })
  // `request.origin` is the host's own word: what it is, the token says (T18).
  if (!(await store.enrol({ tokenHash, host: { ...who, id: hostId }, certificate, now }))) throw refusedToken()
  return enrolAnswer({ hostId, certificate, authorities, commandKey, protocol: request.protocol })
}

import type { EnrolResponse } from '@rebootless/shared/contract/enrolment.ts'
import type { PublicKey } from '@rebootless/shared/contract/signed.ts'
import type { AskRequest, StillWaiting } from '@rebootless/shared/contract/waiting-room.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { CertificateAuthorities } from './certificate-authorities.ts'
import { keyFingerprintOf } from './certificate-authority.ts'
import { publicKeyOfRequest } from './certificate-request.ts'
import { enrolAnswer } from './enrol-answer.ts'
import type { EnrolmentStore } from './ports.ts'

const ASK_AGAIN_MS = 5_000

/**
 * A host without a token asks to be let in, and asks again until a person has decided: by the key that its request proves,
 * which is all that is known of it (threat-model T16). Throws `body_invalid`, `enrolment_denied`, `waiting_room_full`.
 */
export const askForEntry = async (
  request: AskRequest,
  context: {
    authorities: CertificateAuthorities
    commandKey: PublicKey
    store: Pick<EnrolmentStore, 'ask' | 'enrolmentRefused'>
    now: Date
    address: string | null
  },
): Promise<EnrolResponse | StillWaiting> => {
  const { authorities, commandKey, store, now, address } = context
  const publicKey = await publicKeyOfRequest(request.certificateRequest)
  let certificate:
    | Awaited<ReturnType<ReturnType<CertificateAuthorities['newest']>['issueAgentCertificate']>>
    | undefined
  const who = { name: request.hostName, machineId: request.machineId, address }
  const asked = await store.ask({
    who,
    keyFingerprint: keyFingerprintOf(publicKey),
    certify: async (hostId) => {
      certificate = await authorities.newest().issueAgentCertificate({ hostId, publicKey, now })
      return certificate
    },
    now,
  })
  if (asked.state === 'waiting') {
    return { state: 'waiting', expiresAt: asked.expiresAt.toISOString(), askAgainMs: ASK_AGAIN_MS }
  }
  if (asked.state === 'enrolled' && certificate !== undefined) {
    return enrolAnswer({ hostId: asked.hostId, certificate, authorities, commandKey, protocol: request.protocol })
  }
  const problem = asked.state === 'full' ? 'waiting_room_full' : 'enrolment_denied'
  await store.enrolmentRefused({ who, problem, now })
  throw new DomainError(
    problem,
    problem === 'waiting_room_full'
      ? 'Too many hosts wait to be let in: use a join token, or ask again later.'
      : 'An administrator did not let this host in: ask one, or use a join token.',
  )
}

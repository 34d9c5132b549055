import type { EnrolResponse } from '@rebootless/shared/contract/enrolment.ts'
import type { PublicKey } from '@rebootless/shared/contract/signed.ts'
import type { CertificateAuthorities } from './certificate-authorities.ts'

/** What a host is given with its certificate; an agent of protocol 1 would refuse what it does not know (T21). */
export const enrolAnswer = (facts: {
  hostId: string
  certificate: { certificatePem: string; expiresAt: Date }
  authorities: CertificateAuthorities
  commandKey: PublicKey
  /** As the agent said; undefined: 1. */
  protocol: number | undefined
}): EnrolResponse => {
  const { hostId, certificate, authorities, commandKey, protocol } = facts
  return {
    hostId,
    certificate: certificate.certificatePem,
    certificateAuthority: authorities.shown().certificatePem,
    expiresAt: certificate.expiresAt.toISOString(),
    ...(protocol === undefined
      ? {}
      : {
          commandKey,
          certificateAuthorities: authorities.trusted().map(({ certificatePem }) => certificatePem),
        }),
  }
}

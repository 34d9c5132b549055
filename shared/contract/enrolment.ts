import * as z from 'zod'
import { HOST_ORIGINS } from '../domain/words.ts'
import { Labels } from './host.ts'
import { HostId, hostText, Instant } from './primitives.ts'

export const EnrolmentTokenRequest = z.strictObject({
  /** At most an hour (threat-model T15). */
  validMinutes: z.int().min(1).max(60).default(60),
  labels: Labels.default({}),
})

export const EnrolmentToken = z.strictObject({
  token: z.string(),
  /** What to type on the host. */
  command: z.string(),
  expiresAt: Instant,
})
export type EnrolmentToken = z.infer<typeof EnrolmentToken>

/** `POST /agent/v1/enrol` on the agents' port: the token, and a certificate request for a key born on the host. */
export const EnrolRequest = z.strictObject({
  token: z.string().min(1).max(512),
  /** PKCS #10 (RFC 2986), PEM. Only its public key is used. */
  certificateRequest: z.string().min(1).max(8192),
  hostName: hostText(255),
  origin: z.enum(HOST_ORIGINS),
})
export type EnrolRequest = z.infer<typeof EnrolRequest>

/** `POST /agent/v1/renew` on the agents' port, under the certificate that is to be renewed; answered as enrolment is. */
export const RenewRequest = z.strictObject({
  /** As in EnrolRequest, for a new key. */
  certificateRequest: z.string().min(1).max(8192),
})
export type RenewRequest = z.infer<typeof RenewRequest>

export const EnrolResponse = z.strictObject({
  hostId: HostId,
  certificate: z.string(), // PEM
  certificateAuthority: z.string(), // PEM
  expiresAt: Instant,
})
export type EnrolResponse = z.infer<typeof EnrolResponse>

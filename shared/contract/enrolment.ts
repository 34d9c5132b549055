import * as z from 'zod'
import { HOST_ORIGINS, TOKEN_STATES } from '../domain/words.ts'
import { Labels } from './labels.ts'
import { HostId, hostText, Instant } from './primitives.ts'
import { PublicKey } from './signed.ts'

export const EnrolmentTokenRequest = z.strictObject({
  /** At most an hour (threat-model T15). */
  validMinutes: z.int().min(1).max(60).default(60),
  /** How many hosts it serves. */
  uses: z.int().min(1).max(1000).default(1),
  labels: Labels.default({}),
})

export const EnrolmentToken = z.strictObject({
  id: z.uuid(),
  token: z.string(),
  /** What to type on the host. */
  command: z.string(),
  uses: z.int(),
  expiresAt: Instant,
})
export type EnrolmentToken = z.infer<typeof EnrolmentToken>

/** What somebody needs who sets up a host. */
export const EnrolmentFacts = z.strictObject({
  /** Where agents dial: `https://10.0.0.5:8443`. */
  server: z.string(),
  /** No other machine reaches that. */
  onlyThisMachine: z.boolean(),
  /** SHA-256 of the authority's certificate in DER, hex: what a host without a token must be given to know this server by. */
  authorityFingerprint: z.string(),
  /** The agent's file as the agents' port gives it out; null: it was not built. */
  agentFile: z.strictObject({ sha256: z.string(), bytes: z.int() }).nullable(),
})
export type EnrolmentFacts = z.infer<typeof EnrolmentFacts>

/** A token as it is listed: never the token itself. */
export const ListedToken = z.strictObject({
  id: z.uuid(),
  state: z.enum(TOKEN_STATES),
  labels: Labels,
  uses: z.int(),
  usesLeft: z.int(),
  createdBy: z.string(),
  createdAt: Instant,
  expiresAt: Instant,
  revokedAt: Instant.nullable(),
  revokedBy: z.string().nullable(),
  /** Who came by it, newest first; at most twenty of `uses - usesLeft`. `there`: not removed since. */
  hosts: z.array(z.strictObject({ id: HostId, name: hostText(255), at: Instant, there: z.boolean() })),
})
export type ListedToken = z.infer<typeof ListedToken>

export const TokenList = z.strictObject({ items: z.array(ListedToken), asOf: Instant })
export const tokenParams = z.strictObject({ id: z.uuid() })

/** SHA-256 of what machine-id(5) asks not to be shown, under a name of our own, hex: server/agent/link/machine-id.ts. */
export const MachineId = z.string().regex(/^[0-9a-f]{64}$/)
/** SHA-256 of an authority's certificate in DER, base64url: as join tokens carry it. */
export const AuthorityFingerprint = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/**
 * What an agent of protocol 2 says beside: one that says nothing is answered without what it would not understand, and
 * a server of before refuses it, so that the agent asks again without (threat-model T21).
 */
const sinceProtocol2 = { protocol: z.int().min(2).max(1000).optional(), machineId: MachineId.optional() }

/** `POST /agent/v1/enrol` on the agents' port: the token, and a certificate request for a key born on the host. */
export const EnrolRequest = z.strictObject({
  token: z.string().min(1).max(512),
  /** PKCS #10 (RFC 2986), PEM. Only its public key is used. */
  certificateRequest: z.string().min(1).max(8192),
  hostName: hostText(255),
  origin: z.enum(HOST_ORIGINS),
  ...sinceProtocol2,
})
export type EnrolRequest = z.infer<typeof EnrolRequest>

/** `POST /agent/v1/renew` on the agents' port, under the certificate that is to be renewed; answered as enrolment is. */
export const RenewRequest = z.strictObject({
  /** As in EnrolRequest, for a new key. */
  certificateRequest: z.string().min(1).max(8192),
  protocol: sinceProtocol2.protocol,
  /** The authorities that this host trusts: it gets a certificate of the newest among them. */
  authorities: z.array(AuthorityFingerprint).max(8).optional(),
})
export type RenewRequest = z.infer<typeof RenewRequest>

export const EnrolResponse = z.strictObject({
  hostId: HostId,
  certificate: z.string(), // PEM
  certificateAuthority: z.string(), // PEM
  /** All that the server may show a certificate of, oldest first, PEM: two while one takes the other's place. */
  certificateAuthorities: z.array(z.string().max(8192)).min(1).max(8).optional(),
  expiresAt: Instant,
  /** Of the server: commands that it did not sign are refused. Absent where either end speaks protocol 1. */
  commandKey: PublicKey.optional(),
})
export type EnrolResponse = z.infer<typeof EnrolResponse>

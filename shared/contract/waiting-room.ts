import * as z from 'zod'
import { MachineId } from './enrolment.ts'
import { Labels } from './labels.ts'
import { hostText, Instant } from './primitives.ts'

/** `POST /agent/v1/ask` on the agents' port, again and again until it is decided: a host without a token asks to be let in. */
export const AskRequest = z.strictObject({
  protocol: z.int().min(2).max(1000),
  /** PKCS #10 (RFC 2986), PEM: its signature proves the key, which is all that is known of who asks. */
  certificateRequest: z.string().min(1).max(8192),
  hostName: hostText(255),
  machineId: MachineId.optional(),
})
export type AskRequest = z.infer<typeof AskRequest>

/** 202: nobody has decided yet. Once approved, the answer is that of enrolment. */
export const StillWaiting = z.strictObject({
  state: z.literal('waiting'),
  /** When it is forgotten. */
  expiresAt: Instant,
  askAgainMs: z.int().min(100).max(600_000),
})
export type StillWaiting = z.infer<typeof StillWaiting>

/** SHA-256, hex; people compare it as shared/domain/key-fingerprint.ts writes it. */
const KeyFingerprint = z.string().regex(/^[0-9a-f]{64}$/)

export const WaitingHost = z.strictObject({
  id: z.uuid(),
  name: hostText(255),
  address: z.string().max(64),
  keyFingerprint: KeyFingerprint,
  askedAt: Instant,
  lastAskedAt: Instant,
  expiresAt: Instant,
  state: z.enum(['waiting', 'approved', 'denied']),
  decidedBy: z.string().nullable(),
})
export type WaitingHost = z.infer<typeof WaitingHost>

export const WaitingRoom = z.strictObject({ items: z.array(WaitingHost), asOf: Instant })

export const waitingParams = z.strictObject({ id: z.uuid() })
export const Approval = z.strictObject({
  /** The last eight characters of the fingerprint, typed from the host's own screen. */
  fingerprintEnd: z.string().max(32),
  labels: Labels.default({}),
})

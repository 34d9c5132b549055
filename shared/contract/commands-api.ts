import * as z from 'zod'
import { AUTHORISATION_STATES } from '../domain/authorisation-state.ts'
import { COMMAND_ACTIONS, COMMAND_STATES, HOST_CLASSES } from '../domain/words.ts'
import { HostId, hostText, Instant, KernelName } from './primitives.ts'
import { PublicKey, Sha256, Signature } from './signed.ts'
import { TransitionTarget } from './transition.ts'

/** What may be asked of a host now: shared/domain/possible-actions.ts. */
export const PossibleAction = z.strictObject({
  action: z.enum(COMMAND_ACTIONS),
  patch: KernelName.nullable(),
  provider: hostText(32).nullable(),
  /** Which way the transition runs that it is about; null: it is about none. */
  target: TransitionTarget.nullable(),
  /** Why it cannot be asked for; null: it can. */
  refusal: z.string().max(700).nullable(),
  /** What it would wait for; null: it would be sent at once. */
  waitsFor: z.string().max(300).nullable(),
  /** How many approvers of the host must sign; 0: the server's signature is enough. */
  approvals: z.int(),
  dangerous: z.boolean(),
})

export const HostActions = z.strictObject({
  hostClass: z.enum(HOST_CLASSES),
  /** Why the host is only observed; null: its own file says so, or it is not. */
  classReason: hostText(500).nullable(),
  /** When changes are allowed, in words; null: at any hour, or not known. */
  hours: hostText(200).nullable(),
  approvers: z.array(z.strictObject({ name: hostText(64), publicKey: PublicKey })),
  threshold: z.int(),
  actions: z.array(PossibleAction),
  asOf: Instant,
})
export type HostActions = z.infer<typeof HostActions>

export const AuthorisationRequest = z.strictObject({
  action: z.enum(COMMAND_ACTIONS),
  patch: KernelName.nullable().default(null),
  /** Of `POST /api/v1/patches`; for `load`, and for `enable` where the host no longer has its file. */
  artefact: Sha256.nullable().default(null),
  provider: z.string().max(32).nullable().default(null),
  /** Of reverse, retry, signal and force: which way the transition ran when it was decided; null: whichever way it runs. */
  target: TransitionTarget.nullable().default(null),
  hosts: z
    .array(z.strictObject({ id: HostId, notBefore: Instant.optional() }))
    .min(1)
    .max(1000),
  reason: z.string().trim().min(1).max(1000),
  validHours: z
    .int()
    .min(1)
    .max(31 * 24 - 1)
    .default(24),
  downgrade: z.boolean().default(false),
  reversal: z.boolean().default(false),
})
export type AuthorisationRequest = z.infer<typeof AuthorisationRequest>

export const Approval = z.strictObject({
  username: z.string(),
  publicKey: PublicKey,
  signedAt: Instant,
  /** Why it no longer counts; null: it does. */
  lost: z.enum(['disabled', 'role', 'key revoked', 'removed']).nullable(),
})

/** A row of the list of requests. */
export const AuthorisationSummary = z.strictObject({
  id: z.uuid(),
  sha256: Sha256,
  state: z.enum(AUTHORISATION_STATES),
  stateReason: z.string().max(300),
  action: z.enum(COMMAND_ACTIONS),
  patch: KernelName.nullable(),
  /** Of an update: whose tool is run. */
  provider: z.string().max(32).nullable(),
  hostCount: z.int(),
  /** Of the only host; null: there are several, or it is there no more. */
  hostName: hostText(255).nullable(),
  reason: z.string(),
  requestedBy: z.string(),
  requestedAt: Instant,
  expiresAt: Instant,
  approvals: z.array(Approval),
  approvalsNeeded: z.int(),
})
export type AuthorisationSummary = z.infer<typeof AuthorisationSummary>

export const AuthorisationDetail = AuthorisationSummary.extend({
  /** The exact text that approvers sign. */
  payload: z.string(),
  /** The same in full words: shared/domain/authorisation-text.ts. */
  text: z.array(z.strictObject({ field: z.string(), title: z.string(), values: z.array(z.string()) })),
  /** Hosts by name, as far as they are there. */
  hosts: z.array(z.strictObject({ id: HostId, name: hostText(255), hostClass: z.enum(HOST_CLASSES) })),
  /** Why whoever asks cannot sign it; null: he can. */
  cannotSign: z.string().max(300).nullable(),
  cannotCancel: z.string().max(300).nullable(),
  /** Why its reversal cannot be asked for; null: it can. */
  cannotReverse: z.string().max(300).nullable(),
})
export type AuthorisationDetail = z.infer<typeof AuthorisationDetail>

export const AuthorisationListQuery = z.strictObject({
  state: z.enum(AUTHORISATION_STATES).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(100),
})
export const AuthorisationList = z.strictObject({ items: z.array(AuthorisationSummary), asOf: Instant })
export type AuthorisationList = z.infer<typeof AuthorisationList>

export const SignatureRequest = z.strictObject({ publicKey: PublicKey, signature: Signature })

export const CommandView = z.strictObject({
  id: z.uuid(),
  authorisationId: z.uuid(),
  part: z.enum(['action', 'reversal']),
  action: z.enum(COMMAND_ACTIONS),
  patch: KernelName.nullable(),
  provider: z.string().max(32).nullable(),
  hostId: HostId,
  hostName: hostText(255),
  state: z.enum(COMMAND_STATES),
  /** What it waits for, in a sentence. */
  waitingFor: z.string().max(700).nullable(),
  notBefore: Instant,
  createdAt: Instant,
  issuedAt: Instant.nullable(),
  sentAt: Instant.nullable(),
  /** The host has it in its journal. */
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  /** Of shared/domain/command-refusals.ts, or the errno's name. */
  code: hostText(64).nullable(),
  /** The host's own words. */
  detail: hostText(1000).nullable(),
  /** Username of who asked for it. */
  requestedBy: z.string(),
  /** Whose order it is; null: no rollout's, or one's that is not told of to whoever asks. */
  rollout: z.strictObject({ id: z.uuid(), name: z.string().max(120) }).nullable(),
})
export type CommandView = z.infer<typeof CommandView>

export const CommandListQuery = z.strictObject({
  host: HostId.optional(),
  authorisation: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})
export const CommandList = z.strictObject({ items: z.array(CommandView), asOf: Instant })
export type CommandList = z.infer<typeof CommandList>

export const FreezeReason = z.strictObject({ reason: z.string().trim().min(1).max(500) })
export const FleetFreeze = z.strictObject({
  frozen: z.boolean(),
  reason: z.string().nullable(),
  changedBy: z.string().nullable(),
  changedAt: Instant.nullable(),
  /** Who asked to lift it; another must confirm. */
  liftAskedBy: z.string().nullable(),
  liftAskedAt: Instant.nullable(),
})
export type FleetFreeze = z.infer<typeof FleetFreeze>

export const ApproverKey = z.strictObject({
  id: z.uuid(),
  username: z.string(),
  publicKey: PublicKey,
  name: z.string(),
  registeredAt: Instant,
  revokedAt: Instant.nullable(),
})
export const ApproverKeyRequest = z.strictObject({ publicKey: PublicKey, name: z.string().trim().min(1).max(64) })
export const ApproverKeyList = z.strictObject({ items: z.array(ApproverKey) })

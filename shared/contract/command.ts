import * as z from 'zod'
import { COMMAND_ACTIONS } from '../domain/words.ts'
import { HostId, hostText, Instant, KernelName, Sequence } from './primitives.ts'
import { Sha256 } from './signed.ts'
import { TransitionTarget } from './transition.ts'

const Artefact = z.strictObject({
  sha256: Sha256,
  /** Bytes. */
  size: z
    .int()
    .min(1)
    .max(64 * 1024 * 1024),
  /** Rises with each release of one patch series; it falls only in an authorisation that says `downgrade` (T24). */
  releaseCounter: z.int().min(0),
})

/**
 * What may be done: the text that approvers sign (threat-model, "Two signatures and a veto"). Its canonical JSON
 * (shared/domain/canonical-json.ts) is the payload; its SHA-256, hex, is what commands name it by.
 */
export const Authorisation = z.strictObject({
  version: z.literal(1),
  /** The nonce, and the name under which pages show it. */
  id: z.uuid(),
  action: z.enum(COMMAND_ACTIONS),
  /** The livepatch; null for `update` and `refresh`. */
  patch: KernelName.nullable(),
  /** For `load` and `enable`. */
  artefact: Artefact.nullable(),
  /** Of the running kernel, which must be this one; null for `refresh` alone. */
  kernel: z.strictObject({ release: hostText(128), buildId: hostText(128).nullable() }).nullable(),
  /** For `update`: the provider whose tool is run. */
  provider: z.string().max(32).nullable(),
  /** For `reverse`, `retry`, `signal` and `force`: which way the transition of the patch runs that they are about (T26). */
  target: TransitionTarget.nullable(),
  /** For `force` and `signal`: the tasks that were seen to block, so that nobody forces another transition than was seen. */
  blockingTasks: z.array(z.strictObject({ tid: z.int(), name: hostText(64) })).max(1000),
  hosts: z
    .array(z.strictObject({ id: HostId, notBefore: Instant }))
    .min(1)
    .max(5000),
  expiresAt: Instant,
  rollout: z.uuid().nullable(),
  downgrade: z.boolean(),
  /** Approved with it: until it expires, its own patch may be taken out again. */
  reversal: z.boolean(),
  reason: z.string().min(1).max(1000),
  requestedBy: z.string().max(64),
  requestedAt: Instant,
})
export type Authorisation = z.infer<typeof Authorisation>

/** What is to be done now, signed by the server. */
export const Command = z.strictObject({
  version: z.literal(1),
  id: z.uuid(),
  authorisation: Sha256,
  /** `reversal` undoes what the authorisation did, where it allows that. */
  part: z.enum(['action', 'reversal']),
  hostId: HostId,
  /** SHA-256 of the host's public key (SubjectPublicKeyInfo, DER), hex. */
  hostKey: Sha256,
  /** The server's; (epoch, sequence) strictly rises for each host (T19). Raised when a backup is restored. */
  epoch: z.int().min(1),
  sequence: Sequence,
  issuedAt: Instant,
  /** Minutes after `issuedAt`. */
  expiresAt: Instant,
})
export type Command = z.infer<typeof Command>

/** Whether the fleet is frozen, signed by the server. Of two, the one with the greater (epoch, sequence) holds. */
export const Freeze = z.strictObject({
  version: z.literal(1),
  frozen: z.boolean(),
  epoch: z.int().min(1),
  sequence: Sequence,
  at: Instant,
})
export type Freeze = z.infer<typeof Freeze>

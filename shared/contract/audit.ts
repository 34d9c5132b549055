import * as z from 'zod'
import { AUDIT_ACTORS, AUDIT_RESULTS } from '../domain/words.ts'
import { Instant } from './primitives.ts'
import { Sha256 } from './signed.ts'

export const AuditActor = z.strictObject({
  kind: z.enum(AUDIT_ACTORS),
  /** Id of the user, token or host; null for the server itself and for whoever is not known. */
  id: z.string().max(64).nullable(),
  name: z.string().max(255),
  /** IP address; null for what did not come from outside. */
  address: z.string().max(64).nullable(),
})
export type AuditActor = z.infer<typeof AuditActor>

const Fields = z.record(z.string(), z.json())

/** One thing that somebody did or was refused. Its canonical JSON is what the chain hashes. */
export const AuditEntry = z.strictObject({
  at: Instant,
  actor: AuditActor,
  /** `user.create`, `command.request`: subject and verb. */
  action: z
    .string()
    .regex(/^[a-z_]+\.[a-z_]+$/)
    .max(64),
  target: z
    .strictObject({ kind: z.string().max(32), id: z.string().max(128), name: z.string().max(255).nullable() })
    .nullable(),
  reason: z.string().max(1000).nullable(),
  result: z.enum(AUDIT_RESULTS),
  /** Code of the refusal or failure; null: done. */
  problem: z.string().max(64).nullable(),
  /** What changed of the target; never a secret. */
  before: Fields.nullable(),
  after: Fields.nullable(),
  requestId: z.string().max(64).nullable(),
})
export type AuditEntry = z.infer<typeof AuditEntry>

/** One link as the database holds it. `entry` is the exact text that the hash covers: shared/domain/audit-chain.ts. */
export const AuditLink = z.strictObject({
  sequence: z.int().min(1),
  previousHash: Sha256,
  hash: Sha256,
  entry: z.string(),
})
export type AuditLink = z.infer<typeof AuditLink>

/** What the server signs of the chain, as canonical JSON: up to `sequence` it is the one that ends in `hash`. */
export const AuditHead = z.strictObject({
  version: z.literal(1),
  sequence: z.int().min(1),
  hash: Sha256,
  at: Instant,
})
export type AuditHead = z.infer<typeof AuditHead>

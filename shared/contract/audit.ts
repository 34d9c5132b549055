import { z } from 'zod'
import { AUDIT_ACTORS, AUDIT_RESULTS } from '../domain/words.ts'
import { Instant } from './primitives.ts'

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

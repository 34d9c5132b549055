import * as z from 'zod'
import { AUDIT_RESULTS } from '../domain/words.ts'
import { AuditEntry, AuditLink } from './audit.ts'
import { Instant } from './primitives.ts'
import { PublicKey, Sha256, Signed } from './signed.ts'

const word = z.string().min(1).max(128)

/** All words must hold. Texts are looked for anywhere and without regard to case, but for `action`. */
export const AuditListQuery = z.strictObject({
  /** In the whole entry, what changed too. */
  search: word.optional(),
  actor: word.optional(),
  /** `user.create`, or `user` for all that is done to users. */
  action: z
    .string()
    .regex(/^[a-z_]+(\.[a-z_]+)?$/, 'should be an action, as rollout.start, or the first word of one')
    .max(64)
    .optional(),
  /** Id or name of what it was done to. */
  target: word.optional(),
  result: z.enum(AUDIT_RESULTS).optional(),
  from: Instant.optional(),
  /** Not this moment itself. */
  to: Instant.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(100),
  /** The `nextCursor` of the page before. */
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,15}$/, 'should be the number of an entry')
    .optional(),
})
export type AuditListQuery = z.output<typeof AuditListQuery>

export const AuditRecord = z.strictObject({ sequence: z.int().min(1), hash: Sha256, entry: AuditEntry })
export type AuditRecord = z.infer<typeof AuditRecord>

export const AuditList = z.strictObject({
  /** Newest first. */
  items: z.array(AuditRecord),
  nextCursor: z.string().nullable(),
  asOf: Instant,
})
export type AuditList = z.infer<typeof AuditList>

export const AuditChainQuery = z.strictObject({
  /** The first sequence wanted. */
  from: z.coerce.number().int().min(1).default(1),
  limit: z.coerce.number().int().min(1).max(500).default(500),
})

/** A stretch of the chain, oldest first. */
export const AuditChain = z.strictObject({ links: z.array(AuditLink) })
export type AuditChain = z.infer<typeof AuditChain>

export const AuditHeads = z.strictObject({
  /** Of the last entry; 0: there is none yet. */
  last: z.int().min(0),
  /** With which heads are signed now. */
  publicKey: PublicKey,
  /** Oldest first: the newest ones, and of those before them a selection that reaches to the first. */
  heads: z.array(Signed),
  /** Why heads are no longer signed: what the server itself found wrong with the chain. */
  broken: z.string().nullable(),
  /** The database's role that we work under could take the guard off the log: then heads alone show a change (T30). */
  roleOwnsLog: z.boolean(),
})
export type AuditHeads = z.infer<typeof AuditHeads>

/** One line of an export, in this order: start, entries by sequence, heads by sequence, end. */
export const AuditExportLine = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('start'), version: z.literal(1), madeAt: Instant, publicKey: PublicKey }),
  AuditLink.extend({ kind: z.literal('entry') }),
  z.strictObject({ kind: z.literal('head'), head: Signed }),
  /** How many there were of each, so that a file which was cut off is known. */
  z.strictObject({ kind: z.literal('end'), entries: z.int().min(0), heads: z.int().min(0) }),
])
export type AuditExportLine = z.infer<typeof AuditExportLine>

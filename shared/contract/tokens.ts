import * as z from 'zod'
import { ROLES } from '../domain/words.ts'
import { ScopeText } from './people.ts'
import { Instant } from './primitives.ts'
import { UserName } from './session.ts'

export const NewApiToken = z.strictObject({
  /** What it is for. */
  name: z
    .string()
    .trim()
    .min(1)
    .max(64)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'should be one line without control characters'),
  /** No more power than its creator has; of an approver it is the audit log without the signature (T11). */
  role: z.enum(ROLES),
  /** Within its creator's: his words, and more if wanted. */
  scope: ScopeText.default(null),
  validDays: z.int().min(1).max(365),
})

export const ApiToken = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  /** Its creator: what he may not do, it may not either. */
  username: UserName,
  role: z.enum(ROLES),
  scope: z.string().nullable(),
  createdAt: Instant,
  expiresAt: Instant,
  lastUsedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
})
export type ApiToken = z.infer<typeof ApiToken>
export const ApiTokenList = z.strictObject({ items: z.array(ApiToken) })

/** `token` goes into `Authorization: Bearer`; shown once. */
export const CreatedApiToken = z.strictObject({ token: z.string(), item: ApiToken })

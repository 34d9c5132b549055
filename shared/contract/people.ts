import * as z from 'zod'
import { wantsReason } from '../domain/wants-reason.ts'
import { ROLES, type Role } from '../domain/words.ts'
import { Instant, ReasonText } from './primitives.ts'
import { UserName } from './session.ts'

export const UserId = z.uuid()

/** Words of the filter language that select by labels; null: the whole fleet. */
export const ScopeText = z.string().min(1).max(500).nullable()

export const User = z.strictObject({
  id: UserId,
  username: UserName,
  role: z.enum(ROLES),
  scope: z.string().nullable(),
  account: z.enum(['local', 'single sign-on']),
  hasPassword: z.boolean(),
  secondFactor: z.boolean(),
  disabledAt: Instant.nullable(),
  createdAt: Instant,
  /** Null: never. */
  lastSignedInAt: Instant.nullable(),
})
export type User = z.infer<typeof User>
export const UserList = z.strictObject({ items: z.array(User) })

const REASON_WANTED = { path: ['reason'], error: 'is missing: to make an admin or to disable takes a reason' }
const isReasoned = (wanted: { role?: Role | undefined; disabled?: boolean | undefined; reason?: string | undefined }) =>
  wanted.reason !== undefined || !wantsReason(wanted)

export const NewUser = z
  .strictObject({
    username: UserName,
    role: z.enum(ROLES),
    scope: ScopeText.default(null),
    reason: ReasonText.optional(),
  })
  .refine(isReasoned, REASON_WANTED)

/** What is left out stays as it is. */
export const UserChange = z
  .strictObject({
    role: z.enum(ROLES).optional(),
    scope: ScopeText.optional(),
    disabled: z.boolean().optional(),
    reason: ReasonText.optional(),
  })
  .refine(isReasoned, REASON_WANTED)
export type UserChange = z.infer<typeof UserChange>

/** A link for one sign-in: this server's address with `path` behind it. Shown once. */
export const PersonalLink = z.strictObject({ path: z.string(), expiresAt: Instant })
export const CreatedUser = z.strictObject({ user: User, link: PersonalLink })

/** Whose sessions or tokens: without it one's own; `all`, and others' ids, for admins of the whole fleet alone. */
export const OwnerQuery = z.strictObject({ user: z.union([UserId, z.literal('all')]).optional() })

import * as z from 'zod'
import { ROLES } from '../domain/words.ts'
import { Instant } from './primitives.ts'

export const UserName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/)

export const SignInRequest = z.strictObject({ username: UserName, password: z.string().min(1).max(1024) })
export const SignInByLinkRequest = z.strictObject({ token: z.string().min(1).max(256) })

export const Session = z.strictObject({
  username: UserName,
  role: z.enum(ROLES),
  expiresAt: Instant,
})
export type Session = z.infer<typeof Session>

import * as z from 'zod'
import { AuthorityFingerprint } from './enrolment.ts'
import { Instant } from './primitives.ts'

export const ListedAuthority = z.strictObject({
  fingerprint: AuthorityFingerprint,
  expiresAt: Instant,
  /** The server shows agents a certificate of this one. */
  shown: z.boolean(),
  /** Hosts whose newest certificate it signed: they trust it, and whatever is older. */
  hosts: z.int(),
})
export type ListedAuthority = z.infer<typeof ListedAuthority>

/** Oldest first: one, or two while the newer takes the older's place. */
export const AuthorityList = z.strictObject({ items: z.array(ListedAuthority), asOf: Instant })
export type AuthorityList = z.infer<typeof AuthorityList>

export const authorityParams = z.strictObject({ fingerprint: AuthorityFingerprint })
export const AuthorityChange = z.strictObject({ reason: z.string().trim().min(1).max(1000) })
export const AuthorityRetirement = AuthorityChange.extend({
  /** How many hosts the person was told will have to enrol anew: refused when they are more by now. */
  hostsLeftBehind: z.int().min(0),
})

import * as z from 'zod'
import { HostId, hostText, Instant, ReasonGiven } from './primitives.ts'

/** How a host came to be known, and whether what speaks in its name is still what enrolled. */
export const HostIdentity = z.strictObject({
  enrolledAt: Instant,
  /** Who made its token, or approved it; null: not known any more. */
  enrolledBy: z.string().nullable(),
  /** SHA-256 of the key of its newest certificate, hex; null: it has none. */
  keyFingerprint: z.string().nullable(),
  certificateExpiresAt: Instant.nullable(),
  /** It has said who its machine is. */
  machineKnown: z.boolean(),
  /** The agent's; null: never heard. */
  protocol: z.int().nullable(),
  /** The agent is older than this server, so the host is seen and not commanded (threat-model T21). */
  readOnly: z.boolean(),
  quarantine: z.strictObject({ since: Instant, reason: hostText(500) }).nullable(),
  /** Hosts no longer connected that were, by machine or name, this one before it was set up anew. */
  replaces: z.array(
    z.strictObject({ id: HostId, name: hostText(255), enrolledAt: Instant, by: z.enum(['machine', 'name']) }),
  ),
  asOf: Instant,
})
export type HostIdentity = z.infer<typeof HostIdentity>

/** For acts that cannot be undone: the host's name, as it is shown, typed by the person. */
export const NamedHost = ReasonGiven.extend({ name: z.string().max(255) })

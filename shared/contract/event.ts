import * as z from 'zod'
import { HostSummary } from './host.ts'
import { HostId, Instant } from './primitives.ts'

/**
 * What the event stream carries. Each has an id that rises; a stream that was cut resumes by `Last-Event-ID`, and a
 * `reset` says that too much was missed, so that a page must fetch anew.
 */
export const HostChanged = z.strictObject({ type: z.literal('host.changed'), host: HostSummary, at: Instant })
/** One more reading of a running transition: the pages of that host add a point without fetching. */
export const HostSampled = z.strictObject({
  type: z.literal('host.sampled'),
  hostId: HostId,
  revision: z.int(),
  at: Instant,
})
export const HostRemoved = z.strictObject({ type: z.literal('host.removed'), hostId: HostId, at: Instant })
/** A command of this host, or what it waits for, is another now: pages ask for the commands. */
export const CommandChanged = z.strictObject({ type: z.literal('command.changed'), hostId: HostId, at: Instant })
/** The fleet was frozen, or is no more, or somebody asked to lift it: pages ask for the freeze. */
export const FreezeChanged = z.strictObject({ type: z.literal('freeze.changed'), at: Instant })
/** Somebody was added, changed, or signed in: told to whom `GET /api/v1/users` is open. */
export const UsersChanged = z.strictObject({ type: z.literal('users.changed'), at: Instant })
/** Sessions of this user began or ended: told to himself and to admins of the whole fleet, as `GET /api/v1/sessions` is. */
export const SessionsChanged = z.strictObject({ type: z.literal('sessions.changed'), userId: z.uuid(), at: Instant })
/** The same of API tokens. */
export const TokensChanged = z.strictObject({ type: z.literal('tokens.changed'), userId: z.uuid(), at: Instant })
/** A join token was made, used or revoked, a host came to wait or was decided on, or an authority is another. */
export const EnrolmentChanged = z.strictObject({ type: z.literal('enrolment.changed'), at: Instant })
/** A rollout stands elsewhere now: pages that show it ask for it. Told to whom it is told of. */
export const RolloutChanged = z.strictObject({ type: z.literal('rollout.changed'), rolloutId: z.uuid(), at: Instant })
/** Policies, templates of rollouts, or channels were written or removed: pages ask for those that they show. */
export const PoliciesChanged = z.strictObject({ type: z.literal('policies.changed'), at: Instant })
export const TemplatesChanged = z.strictObject({ type: z.literal('templates.changed'), at: Instant })
export const ChannelsChanged = z.strictObject({ type: z.literal('channels.changed'), at: Instant })
/** An alert, a silence or a rule of alerts is another now: pages ask for those that they show. */
export const AlertsChanged = z.strictObject({ type: z.literal('alerts.changed'), at: Instant })
/** A feed of vulnerabilities is another now, or was read: the page of feeds asks for them. */
export const FeedsChanged = z.strictObject({ type: z.literal('feeds.changed'), at: Instant })
/** What CVEs are to hosts is another now: pages that show it ask for it. */
export const ExposureChanged = z.strictObject({ type: z.literal('exposure.changed'), at: Instant })
export const StreamReset = z.strictObject({ type: z.literal('reset'), at: Instant })

export const FleetEvent = z.discriminatedUnion('type', [
  HostChanged,
  HostSampled,
  HostRemoved,
  CommandChanged,
  FreezeChanged,
  UsersChanged,
  SessionsChanged,
  TokensChanged,
  EnrolmentChanged,
  RolloutChanged,
  PoliciesChanged,
  TemplatesChanged,
  ChannelsChanged,
  FeedsChanged,
  AlertsChanged,
  ExposureChanged,
  StreamReset,
])
export type FleetEvent = z.infer<typeof FleetEvent>

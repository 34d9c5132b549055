import * as z from 'zod'
import { SEVERITIES } from '../domain/exposure/exposure-words.ts'
import { HOST_CLASSES, HOST_ORIGINS, HOST_STATES, PATCH_STATES, REBOOT_ANSWERS } from '../domain/words.ts'
import { KernelFacts, LivepatchObject, OperatingSystem, RawFile, Unreadable } from './kernel.ts'
import { Labels } from './labels.ts'
import { KernelEvent } from './patch-memory.ts'
import { HostId, hostText, Instant, KernelName } from './primitives.ts'
import { CveId, DistributionFacts, ProviderReport } from './provider.ts'

/** One livepatch on one host, as derived by shared/domain/patch-status.ts. */
export const PatchStatus = z.strictObject({
  name: KernelName,
  state: z.enum(PATCH_STATES),
  forced: z.boolean(),
  stalled: z.boolean(),
  /** Position in the stack from 1, oldest first, among those that are in; null once out. */
  order: z.int().nullable(),
  replace: z.boolean().nullable(),
  objects: z.array(LivepatchObject),
  moduleLoaded: z.boolean().nullable(),
  moduleVersion: hostText(128).nullable(),
  srcversion: hostText(64).nullable(),
  refcnt: z.int().nullable(),
  /** Its module cannot leave before the next boot: forced out, or replaced by force (kernel-facts: refcnt stays 1). */
  pinned: z.boolean(),
  enabledAt: Instant.nullable(),
  completedAt: Instant.nullable(),
  forcedAt: Instant.nullable(),
  disabledAt: Instant.nullable(),
  supersededBy: KernelName.nullable(),
  /** Providers whose tools name it as well. */
  providers: z.array(hostText(32)).default([]),
  /** Fixed by it, as those tools say. */
  cves: z.array(CveId).default([]),
})
export type PatchStatus = z.infer<typeof PatchStatus>

export const TransitionBrief = z.strictObject({
  patch: KernelName,
  target: z.enum(['patching', 'unpatching']),
  startedAt: Instant,
  sampledAt: Instant,
  tasksTotal: z.int(),
  tasksRemaining: z.int(),
  blockingTotal: z.int(),
})
export type TransitionBrief = z.infer<typeof TransitionBrief>

/** Two accounts of one host that cannot both be true, or a patch that only one of them knows. */
export const Disagreement = z.strictObject({
  provider: hostText(32),
  /** What it is about: a patch, or an effective kernel version. */
  subject: hostText(300),
  /** What each side says, and why that may be so: full sentences. */
  says: z.string().max(600),
  sysfsSays: z.string().max(600),
  why: z.string().max(600),
})
export type Disagreement = z.infer<typeof Disagreement>

/** Whether a host needs a reboot, put together from its providers and its distribution. */
export const RebootNeed = z.strictObject({
  answer: z.enum(REBOOT_ANSWERS),
  /** One full sentence. */
  reason: z.string().max(500),
})
export type RebootNeed = z.infer<typeof RebootNeed>

/** A row of the host table. */
export const HostSummary = z.strictObject({
  id: HostId,
  name: hostText(255),
  origin: z.enum(HOST_ORIGINS),
  state: z.enum(HOST_STATES),
  /** One sentence: why it is in this state. */
  stateReason: z.string().max(500),
  stateSince: Instant,
  labels: Labels,
  kernelRelease: hostText(128),
  architecture: hostText(32),
  operatingSystem: hostText(128).nullable(),
  /** Those that are there; the one that does the work first. */
  providers: z.array(hostText(32)),
  /** The release whose fixes the running kernel has, as its provider says; null: none says. */
  effectiveKernel: hostText(128).nullable(),
  reboot: z.enum(REBOOT_ANSWERS),
  /** CVEs that it is exposed to; null: it was not judged yet. `worst` of these; `doubted`: something lowers the certainty. */
  exposure: z
    .strictObject({
      exposed: z.int(),
      knownExploited: z.int(),
      worst: z.enum(SEVERITIES).nullable(),
      doubted: z.boolean(),
    })
    .nullable(),
  patches: z.array(PatchStatus.pick({ name: true, state: true, forced: true, stalled: true })),
  transition: TransitionBrief.nullable(),
  connected: z.boolean(),
  /** It is seen and not commanded: two machines may speak in its name, or a person said so (threat-model T18). */
  quarantined: z.boolean(),
  lastSeenAt: Instant.nullable(),
  /** When the newest snapshot was taken, by the host's clock set right by the measured skew. */
  readAt: Instant.nullable(),
  /** Rises with each change of this host; a later row wins over an earlier one. */
  revision: z.int(),
})
export type HostSummary = z.infer<typeof HostSummary>

export const HostDetail = HostSummary.extend({
  hostClass: z.enum(HOST_CLASSES),
  agentVersion: hostText(64).nullable(),
  /** Host's clock minus the server's, in milliseconds; null before the first measurement. */
  clockSkewMs: z.number().nullable(),
  kernel: KernelFacts.nullable(), // null before the first snapshot
  os: OperatingSystem.nullable(),
  providerReports: z.array(ProviderReport),
  disagreements: z.array(Disagreement),
  rebootNeed: RebootNeed,
  distribution: DistributionFacts.nullable(),
  stack: z.array(PatchStatus),
  kernelEvents: z.array(KernelEvent),
  unreadable: z.array(Unreadable),
  asOf: Instant,
})
export type HostDetail = z.infer<typeof HostDetail>

export const HostRaw = z.strictObject({ files: z.array(RawFile), readAt: Instant.nullable(), asOf: Instant })
export type HostRaw = z.infer<typeof HostRaw>

export const HOST_SORTS = [
  ...(['state', '-state', 'name', '-name', 'kernel', '-kernel', 'lastSeen', '-lastSeen'] as const),
  // By how long a host has been in its state, the longest first.
  ...(['stateSince', '-stateSince'] as const),
] as const

export const HostListQuery = z.strictObject({
  /** `state:stalled label.env:prod kernel:6.12*`; words are ANDed: shared/domain/filter.ts. */
  filter: z.string().max(1000).default(''),
  sort: z.enum(HOST_SORTS).default('state'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(512).optional(),
})
export type HostListQuery = z.infer<typeof HostListQuery>

export const HostList = z.strictObject({
  items: z.array(HostSummary),
  nextCursor: z.string().nullable(),
  total: z.int(),
  asOf: Instant,
})
export type HostList = z.infer<typeof HostList>

import type { Disagreement, PatchStatus, RebootNeed } from '../contract/host.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import type { TransitionSample } from '../contract/transition.ts'
import { patchStatuses } from './patch-status.ts'

/** One account of a host, put together from the kernel's own files, its tools and its distribution. */
export interface HostAccount {
  /** One entry a patch, seen from both sides. */
  readonly statuses: PatchStatus[]
  readonly disagreements: Disagreement[]
  /** The release whose fixes the running kernel has; null: no provider says. */
  readonly effectiveKernel: string | null
  readonly rebootNeed: RebootNeed
}

export const hostAccount = (snapshot: Snapshot, transition: TransitionSample | null): HostAccount => ({
  statuses: patchStatuses(snapshot, transition),
  disagreements: [],
  effectiveKernel: null,
  rebootNeed: { answer: 'unknown', reason: 'Nothing on this host tells whether a reboot is needed.' },
})

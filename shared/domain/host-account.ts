import type { Disagreement, PatchStatus, RebootNeed } from '../contract/host.ts'
import type { ProviderReport } from '../contract/provider.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import type { TransitionSample } from '../contract/transition.ts'
import { disagreements } from './disagreements.ts'
import { effectiveKernelDoubt } from './effective-kernel-doubt.ts'
import { type EffectivePatch, effectivePatches, joinStatuses, toldByLivepatch } from './joined-patches.ts'
import { patchStatuses } from './patch-status.ts'
import { inWorkingOrder, presentReports } from './provider-order.ts'
import { type RebootCause, rebootCauses, rebootNeed } from './reboot-need.ts'

/** One account of a host, put together from the kernel's own files, its tools and its distribution. */
export interface HostAccount {
  /** One entry a livepatch, seen from both sides. */
  readonly statuses: PatchStatus[]
  /** The systems that are there, each once; the one that does the work first. */
  readonly providers: ProviderReport[]
  /** Every patch of the kernel that is in effect, by whichever system. */
  readonly effective: EffectivePatch[]
  readonly disagreements: Disagreement[]
  /** The release whose fixes the running kernel has; null: no provider says, or what it says cannot be so. */
  readonly effectiveKernel: string | null
  readonly rebootNeed: RebootNeed
  /** All that asks for a reboot, of which `rebootNeed` tells the one that weighs most. */
  readonly rebootCauses: readonly RebootCause[]
}

/** @param transition the newest sample, when it is newer than the snapshot; null: none runs */
export const hostAccount = (snapshot: Snapshot, transition: TransitionSample | null): HostAccount => {
  const reports = presentReports(snapshot.providers)
  const told = toldByLivepatch(reports)
  const statuses = joinStatuses(patchStatuses(snapshot, transition), told)
  const effective = effectivePatches(snapshot, statuses, reports, told)
  const providers = inWorkingOrder(reports, effective)
  const { release } = snapshot.kernel
  const { found, overstating } = disagreements({ snapshot, statuses, reports: providers, told, effective })
  const causes = rebootCauses(snapshot, providers, overstating)
  return {
    statuses,
    providers,
    effective,
    disagreements: found,
    effectiveKernel:
      providers.find((report) => report.effectiveKernel !== null && effectiveKernelDoubt(report, release) === null)
        ?.effectiveKernel ?? null,
    rebootNeed: rebootNeed(causes, snapshot, providers, overstating),
    rebootCauses: causes,
  }
}

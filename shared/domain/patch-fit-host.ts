import type { PatchStatus } from '../contract/host.ts'
import type { KernelFacts } from '../contract/kernel.ts'
import type { ProviderReport } from '../contract/provider.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import type { TransitionSample } from '../contract/transition.ts'
import type { HostAccount } from './host-account.ts'
import { isUnnamed } from './joined-patches.ts'
import type { ActionFacts } from './possible-actions.ts'
import {
  coverageEnded,
  isUpToDate,
  kernelPatches,
  knowsKernelPatches,
  lostAccess,
  mayWork,
  patchWord,
} from './provider-facts.ts'

export type FitStatus = Pick<PatchStatus, 'name' | 'state' | 'order' | 'replace' | 'srcversion'>

/** One live patching system of a host, as far as it bears on what fits there. */
export interface FitSystem {
  readonly name: string
  /** Its patches in the kernel that are none of livepatch's, by name; null: could not be read. */
  readonly foreignPatches: readonly string[] | null
  /** Ids of all that it has in the kernel. */
  readonly patches: readonly string[]
  /** Of these, where its packages have any: `2` of SUSE's, `1-4` of Red Hat's. */
  readonly versions: readonly string[]
  /** Ids of what its vendor offers. */
  readonly offered: readonly string[]
  readonly effectiveKernel: string | null
  readonly active: boolean | null
  readonly lostAccess: boolean
  readonly coverageEnded: boolean
  /** Its vendor would change nothing; null: that is not known. */
  readonly upToDate: boolean | null
}

/** What decides whether a host can take a patch. */
export interface FitHost
  extends Pick<ActionFacts, 'hostClass' | 'policy' | 'protocol' | 'origin' | 'connected' | 'quarantined'> {
  /** Of the running kernel, as `uname` prints them; empty: never read. */
  readonly release: string
  readonly architecture: string
  /** null: no snapshot came. */
  readonly kernel: Pick<
    KernelFacts,
    | 'livepatchConfigured'
    | 'reliableStackTraces'
    | 'lockdown'
    | 'moduleSignatureEnforced'
    | 'modulesDisabled'
    | 'ftraceEnabled'
  > | null
  readonly forcedThisBoot: boolean
  /** /sys/kernel/livepatch and the list of modules were read. */
  readonly stackRead: boolean
  readonly stack: readonly FitStatus[]
  /** In transition now, by name. */
  readonly transition: string | null
  /** Systems that are there. */
  readonly systems: readonly FitSystem[]
}

/** What follows from a host's snapshot alone. */
export type FitReading = Pick<FitHost, 'kernel' | 'forcedThisBoot' | 'stackRead' | 'stack' | 'transition' | 'systems'>

export const NOT_READ: FitReading = {
  ...{ kernel: null, forcedThisBoot: false, stackRead: false, stack: [], transition: null, systems: [] },
}

/** @param sample the newest of the running transition; null: none runs */
export const fitReading = (snapshot: Snapshot, sample: TransitionSample | null, account: HostAccount): FitReading => {
  const { livepatchConfigured, reliableStackTraces, lockdown, moduleSignatureEnforced } = snapshot.kernel
  const { modulesDisabled, ftraceEnabled } = snapshot.kernel
  return {
    kernel: {
      ...{ livepatchConfigured, reliableStackTraces, lockdown, moduleSignatureEnforced },
      ...{ modulesDisabled, ftraceEnabled },
    },
    forcedThisBoot:
      snapshot.memory.some(({ forcedAt }) => forcedAt !== null) ||
      snapshot.kernelEvents?.some(({ kind }) => kind === 'forced') === true,
    stackRead: snapshot.livepatches !== null && snapshot.livepatchModules !== null,
    stack: account.statuses.map(({ name, state, order, replace, srcversion }) => ({
      ...{ name, state, order, replace, srcversion },
    })),
    transition: sample?.patch ?? null,
    systems: account.providers.map((report) => fitSystem(report, snapshot.takenAt)),
  }
}

const fitSystem = (report: ProviderReport, takenAt: string): FitSystem => {
  const inKernel = kernelPatches(report).filter(({ state }) => state !== 'not_loaded' && state !== 'disabled')
  const foreign = inKernel.filter((patch) => patch.livepatch === null && !isUnnamed(report, patch))
  return {
    name: report.name,
    foreignPatches:
      !mayWork(report) || knowsKernelPatches(report) || isLivepatchs(report.name) ? foreign.map(patchWord) : null,
    patches: inKernel.map(({ id }) => id),
    versions: inKernel.flatMap(({ version }) => version ?? []),
    offered: (report.steps ?? []).filter(({ action }) => action === 'install').map(({ id }) => id),
    effectiveKernel: report.effectiveKernel,
    active: report.active,
    lostAccess: lostAccess(report),
    coverageEnded: coverageEnded(report, takenAt),
    upToDate: report.steps === null && report.behind === null ? null : isUpToDate(report),
  }
}

/** Its patches are all in /sys/kernel/livepatch, which is read by itself. */
const isLivepatchs = (name: string): boolean => name === 'livepatch' || name === 'klp' || name === 'canonical'

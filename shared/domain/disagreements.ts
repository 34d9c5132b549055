import type { Disagreement, PatchStatus } from '../contract/host.ts'
import type { ProviderPatch, ProviderReport } from '../contract/provider.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import { effectiveKernelDoubt } from './effective-kernel-doubt.ts'
import { type EffectivePatch, isUnnamed, type ToldPatch, unnamedPatch } from './joined-patches.ts'
import {
  endsInLivepatch,
  isAtWork,
  isChanging,
  kernelPatches,
  mayWork,
  patchWord,
  providerTitle,
} from './provider-facts.ts'
import { rivalSystems, whyNotBoth } from './rival-systems.ts'
import { cut, listed } from './sentence.ts'

/** A hostile host may hold hundreds; who reads these needs no more. */
const DISAGREEMENTS_MAX = 50

export interface TwoSides {
  readonly snapshot: Pick<Snapshot, 'livepatches' | 'memory' | 'kernel' | 'kernelEvents'>
  readonly statuses: readonly PatchStatus[]
  /** The one that does the work first. */
  readonly reports: readonly ProviderReport[]
  readonly told: ReadonlyMap<string, readonly ToldPatch[]>
  readonly effective: readonly EffectivePatch[]
}

/** `overstates`: the tool may well say that more is fixed than the kernel shows. */
type Found = Disagreement & { readonly overstates?: boolean }

export interface Disagreements {
  /** Two systems at once first. */
  readonly found: Disagreement[]
  /** The names of those that say that more is fixed than the kernel shows. */
  readonly overstating: ReadonlySet<string>
}

/** Where the accounts of one host cannot all be true. What a transition changes meanwhile is no disagreement. */
export const disagreements = (sides: TwoSides): Disagreements => {
  const all: Found[] = [...twoSystems(sides), ...effectiveKernels(sides), ...patches(sides)]
  return {
    found: all.slice(0, DISAGREEMENTS_MAX).map(({ provider, subject, says, sysfsSays, why }) => ({
      provider,
      subject: cut(subject, 300),
      says: cut(says, 600),
      sysfsSays: cut(sysfsSays, 600),
      why: cut(why, 600),
    })),
    overstating: new Set(all.filter(({ overstates }) => overstates).map(({ provider }) => provider)),
  }
}

const patches = (sides: TwoSides): Found[] => {
  const { snapshot, statuses, reports } = sides
  // Without sysfs there is no second account; while a transition runs, the two were read at different moments of it.
  if (snapshot.livepatches === null || statuses.some(({ state }) => isChanging(state))) return []
  return [
    ...reports.filter((report) => !isAtWork(report)).flatMap((report) => ofTool(report, sides)),
    ...unknownToTools(sides),
  ]
}

/** What sysfs shows of each patch that a tool names. */
const ofTool = (report: ProviderReport, { snapshot, statuses }: TwoSides): Found[] => {
  const shown = new Map(statuses.map((status) => [status.name, status]))
  const remembered = new Map(snapshot.memory.map((entry) => [entry.name, entry]))
  const inEffect = statuses.filter(({ state }) => state === 'applied')
  const cumulative = inEffect.some(({ replace }) => replace === true)
  // Kernels before 6.11 do not show whether a patch is cumulative.
  const perhapsCumulative = inEffect.some(({ replace }) => replace === null)
  const title = providerTitle(report.name)
  return kernelPatches(report).flatMap((patch): Found[] => {
    if (isUnnamed(report, patch)) return withoutName(report, patch, statuses)
    const { livepatch: name, state } = patch
    if (name === null) return []
    const status = shown.get(name)
    const memory = remembered.get(name)
    const found = (says: string, why: string) => [
      { provider: report.name, subject: name, says: `${title} ${says}.`, sysfsSays: sysfsOf(name, status), why },
    ]
    if (state === 'applied' && status?.state !== 'applied' && status?.state !== 'unknown') {
      return found(
        `says that ${name} is in effect`,
        memory === undefined
          ? `${title} may go by its own records rather than by the kernel, or tell of an earlier boot.`
          : `It was in since this boot and went out behind the tool's back, or ${title} was read before it went.`,
      ).map((one) => ({ ...one, overstates: true }))
    }
    if (status?.state === 'applied' && (state === 'disabled' || state === 'superseded' || state === 'not_loaded')) {
      const word = state === 'not_loaded' ? 'not loaded' : state
      return found(`says that ${name} is ${word}`, `It came in without ${title}, or after ${title} was read.`)
    }
    // A cumulative patch takes the place of what else is installed, so beside one it is no wonder that another is missing.
    const left = wentOutByItself(name, snapshot)
    const replaced =
      cumulative || (perhapsCumulative && !left) || memory?.supersededBy != null || status?.state === 'superseded'
    if (state === 'not_loaded' && patch.atNextBoot === true && !replaced) {
      return found(
        `has ${name} installed for this kernel and loads it at each boot`,
        memory === undefined && !left
          ? 'It was installed after this boot, or loading it at boot has failed.'
          : 'It was taken out by hand since this boot; the next boot loads it again.',
      )
    }
    return []
  })
}

/** The kernel logs the end of a transition out, but nothing of a patch that a cumulative one replaces. */
const wentOutByItself = (patch: string, { memory, kernelEvents }: TwoSides['snapshot']): boolean => {
  const over = kernelEvents?.findLast((event) => event.patch === patch && event.kind === 'transition_completed')
  return (
    over?.direction === 'unpatching' || memory.some(({ name, disabledAt }) => name === patch && disabledAt !== null)
  )
}

/** A tool that does not name the module can only be held against whether any livepatch is in effect. */
const withoutName = (report: ProviderReport, patch: ProviderPatch, statuses: readonly PatchStatus[]): Found[] => {
  const mayBe = statuses.some(({ state }) => state === 'applied' || state === 'unknown')
  if (patch.state !== 'applied' || mayBe) return []
  const title = providerTitle(report.name)
  return [
    {
      ...{ provider: report.name, subject: patchWord(patch) },
      says: `${title} says that ${patchWord(patch)} is in effect.`,
      sysfsSays: '/sys/kernel/livepatch shows none in effect.',
      why: `It went out behind the tool's back, or ${title} was read before it went.`,
      overstates: true,
    },
  ]
}

const sysfsOf = (name: string, status: PatchStatus | undefined): string => {
  if (status === undefined) return `/sys/kernel/livepatch has no ${name}.`
  if (status.state === 'applied') return `/sys/kernel/livepatch shows that ${name} is enabled.`
  return status.order === null
    ? `The module ${name} is loaded, but /sys/kernel/livepatch has no ${name}: the patch is out.`
    : `/sys/kernel/livepatch shows that ${name} is not enabled.`
}

/** Whether what a report leaves out is not there for its tool: without a tool, kpatch's goes by the names of files alone. */
const listsAll = ({ name, patches, troubles, version }: ProviderReport): boolean =>
  endsInLivepatch(name) && patches !== null && troubles.length === 0 && (name !== 'kpatch' || version !== null)

/** A livepatch in effect that none of the tools knows which list livepatches. */
const unknownToTools = ({ statuses, reports, told }: TwoSides): Disagreement[] => {
  const listing = reports.filter((report) => mayWork(report) && listsAll(report))
  const [first] = listing
  // One that names a patch without its module may well mean this one.
  if (first === undefined || unnamedPatch(listing) !== undefined || listing.some(isAtWork)) return []
  const title = providerTitle(first.name)
  return statuses
    .filter(({ name, state }) => state === 'applied' && !told.has(name))
    .map(({ name, order }) => ({
      provider: first.name,
      subject: name,
      says: `${listed(listing.map((report) => providerTitle(report.name)))} ${listing.length === 1 ? 'does' : 'do'} not list ${name}.`,
      sysfsSays: `/sys/kernel/livepatch shows that ${name} is enabled${order === null ? '' : `, at place ${order} of the stack`}.`,
      why: `It was loaded by hand or by another program, or after ${title} was read.`,
    }))
}

/** An effective kernel that cannot be that of the running one. */
const effectiveKernels = ({ snapshot, reports }: TwoSides): Found[] =>
  reports.flatMap((report): Found[] => {
    const doubt = effectiveKernelDoubt(report, snapshot.kernel.release)
    if (doubt === null || report.effectiveKernel === null) return []
    return [
      {
        provider: report.name,
        subject: report.effectiveKernel,
        says: `${providerTitle(report.name)} says that the effective kernel is ${report.effectiveKernel}.`,
        overstates: true,
        ...doubt,
      },
    ]
  })

const twoSystems = (sides: TwoSides): Found[] =>
  rivalSystems(sides).map(({ first, other }) => ({
    provider: other.name,
    subject: `${providerTitle(first.name)} and ${providerTitle(other.name)}`,
    says: `${providerTitle(other.name)} is in use: ${other.detail}`,
    sysfsSays: `${providerTitle(first.name)} is in use as well: ${first.detail}`,
    why: whyNotBoth(first.name, other.name),
    // That nothing is left for it to do says nothing of a kernel that the first one patches.
    overstates: true,
  }))

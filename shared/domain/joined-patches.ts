import type { PatchStatus } from '../contract/host.ts'
import type { ProviderPatch, ProviderReport } from '../contract/provider.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import { endsInLivepatch, kernelPatches, patchWord } from './provider-facts.ts'

/** A tool's patch with the tool that names it. */
export interface ToldPatch {
  readonly report: ProviderReport
  readonly patch: ProviderPatch
}

/** A patch of the kernel that is in effect, by whichever account. */
export interface EffectivePatch {
  readonly name: string
  /** Whose account it is: a tool's name, or `livepatch`. */
  readonly provider: string
  /** False for one that is in but fixes nothing. */
  readonly protects: boolean
  readonly cves: readonly string[]
}

/** What the tools say of each livepatch, by its name; each list in the order of the reports. */
export const toldByLivepatch = (reports: readonly ProviderReport[]): ReadonlyMap<string, readonly ToldPatch[]> => {
  const told = new Map<string, ToldPatch[]>()
  for (const report of reports) {
    for (const patch of kernelPatches(report)) {
      if (patch.livepatch === null) continue
      const others = told.get(patch.livepatch)
      if (others === undefined) told.set(patch.livepatch, [{ report, patch }])
      else others.push({ report, patch })
    }
  }
  return told
}

/** The first patch that must be one of sysfs's livepatches, of which its tool does not say which. */
export const unnamedPatch = (reports: readonly ProviderReport[]): ToldPatch | undefined =>
  reports
    .filter(({ name }) => endsInLivepatch(name))
    .flatMap((report) => kernelPatches(report).map((patch) => ({ report, patch })))
    .find(({ report, patch }) => isUnnamed(report, patch) && patch.state === 'applied')

/** kpatch's own core, from before livepatch, has a sysfs of its own: what shows its objects there is none of livepatch's. */
export const isUnnamed = ({ name }: ProviderReport, { livepatch, objects }: ProviderPatch): boolean =>
  endsInLivepatch(name) && livepatch === null && objects === undefined

/** Each livepatch of sysfs with what the tools know of it: one patch is one entry, seen from both sides. */
export const joinStatuses = (
  statuses: readonly PatchStatus[],
  told: ReadonlyMap<string, readonly ToldPatch[]>,
): PatchStatus[] =>
  statuses.map((status) => {
    const sides = told.get(status.name) ?? []
    return {
      ...status,
      providers: [...new Set(sides.map(({ report }) => report.name))],
      cves: [...new Set(sides.flatMap(({ patch }) => patch.cves))],
    }
  })

/**
 * The patches that are in effect. sysfs decides for livepatches where it can be read: what a tool says of one that is
 * not there is no protection. A tool's word stands alone for systems that keep their code elsewhere.
 */
export const effectivePatches = (
  snapshot: Pick<Snapshot, 'livepatches'>,
  statuses: readonly PatchStatus[],
  reports: readonly ProviderReport[],
  told: ReadonlyMap<string, readonly ToldPatch[]>,
): EffectivePatch[] => {
  const unnamed = unnamedPatch(reports)
  const shown = statuses
    .filter(({ state }) => state === 'applied')
    .map(({ name, cves }) => {
      const side = told.get(name)?.[0] ?? unnamed
      return {
        ...{ name, provider: side?.report.name ?? 'livepatch', protects: side?.patch.protects ?? true },
        cves: told.has(name) ? cves : (side?.patch.cves ?? []),
      }
    })
  // Where two tools name one livepatch, the first's word stands, as above.
  const alone = new Map<string, EffectivePatch>()
  for (const report of reports) {
    for (const patch of kernelPatches(report)) {
      const inSysfs = patch.livepatch !== null || isUnnamed(report, patch)
      if (patch.state !== 'applied' || (inSysfs && snapshot.livepatches !== null)) continue
      const key = patch.livepatch ?? `${report.name}\0${patch.id}`
      const { protects, cves } = patch
      if (!alone.has(key)) alone.set(key, { name: patchWord(patch), provider: report.name, protects, cves })
    }
  }
  return [...shown, ...alone.values()]
}

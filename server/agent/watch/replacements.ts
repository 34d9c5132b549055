import type { Livepatch } from '@rebootless/shared/contract/kernel.ts'
import type { PatchMemory } from '@rebootless/shared/contract/patch-memory.ts'
import { functionKey, listedFunctions } from '@rebootless/shared/domain/patch-memory-entry.ts'
import { hasReplacement, readModuleSymbols } from '../kernel/kallsyms.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'

/** Which functions of one load of a patch are its own, by key. */
export interface OwnFunctions {
  readonly name: string
  readonly enabledOrder: number
  readonly replacements: string[]
}

export type ReplacementFinder = (
  livepatches: readonly Livepatch[],
  memory: readonly PatchMemory[],
) => Promise<OwnFunctions | null>

/**
 * Settles, once a load, which functions of a cumulative patch in transition are its own: those that its module has a
 * symbol for. Only asked where sysfs leaves it open, since /proc/kallsyms is large.
 */
export const createReplacementFinder = (fs: KernelFs): ReplacementFinder => {
  let asked = ''
  return async (livepatches, memory) => {
    const patch = livepatches.find(({ transition, replace }) => transition === true && replace !== false)
    const entry = memory.find(({ name }) => name === patch?.name)
    if (patch === undefined || entry === undefined) return null
    const { name, enabledOrder } = entry
    const load = `${name} ${enabledOrder}`
    const below = new Set(livepatches.filter((other) => other.name !== name).flatMap(listedFunctions))
    const open = patch.objects.flatMap((object) =>
      object.functions.map(({ name: called, sympos }) => ({ called, key: functionKey(object.name, called, sympos) })),
    )
    const unsettled = open.filter(({ key }) => below.has(key))
    if (unsettled.length === 0 || asked === load) return null
    asked = load
    const symbols = await readModuleSymbols(fs, name)
    if (symbols === null) return null
    const own = unsettled.filter(({ called }) => hasReplacement(symbols, called))
    return { name, enabledOrder, replacements: own.map(({ key }) => key) }
  }
}

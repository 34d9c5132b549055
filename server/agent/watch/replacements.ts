import type { Livepatch } from '@rebootless/shared/contract/kernel.ts'
import type { PatchMemory } from '@rebootless/shared/contract/patch-memory.ts'
import { functionKey, listedFunctions } from '@rebootless/shared/domain/patch-memory-entry.ts'
import { hasReplacement, readModuleSymbols } from '../kernel/kallsyms.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'

export type ReplacementFinder = (livepatches: readonly Livepatch[], memory: PatchMemory[]) => Promise<PatchMemory[]>

/**
 * Settles, once a load, which functions of a cumulative patch in transition are its own: those that its module has a
 * symbol for. Only asked where sysfs leaves it open, since /proc/kallsyms is large.
 */
export const createReplacementFinder = (fs: KernelFs): ReplacementFinder => {
  let asked = ''
  return async (livepatches, memory) => {
    const patch = livepatches.find(({ transition, replace }) => transition === true && replace !== false)
    const entry = memory.find(({ name }) => name === patch?.name)
    if (patch === undefined || entry === undefined) return memory
    const load = `${entry.name} ${entry.enabledOrder}`
    const below = new Set(livepatches.filter(({ name }) => name !== patch.name).flatMap(listedFunctions))
    const open = patch.objects.flatMap(({ name: object, functions }) =>
      functions.map(({ name, sympos }) => ({ name, key: functionKey(object, name, sympos) })),
    )
    const unsettled = open.filter(({ key }) => below.has(key))
    if (unsettled.length === 0 || asked === load) return memory
    asked = load
    const symbols = await readModuleSymbols(fs, patch.name)
    if (symbols === null) return memory
    const replacements = unsettled.filter(({ name }) => hasReplacement(symbols, name)).map(({ key }) => key)
    return memory.map((other) => (other === entry ? { ...entry, replacements } : other))
  }
}

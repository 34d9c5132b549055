import type { Livepatch } from '../contract/kernel.ts'
import type { PatchMemory } from '../contract/patch-memory.ts'

export const newMemory = (name: string, enabledOrder: number): PatchMemory => ({
  name,
  enabledOrder,
  enabledAt: null,
  transitionStartedAt: null,
  direction: null,
  reversed: false,
  signalledAt: null,
  completedAt: null,
  forcedAt: null,
  disabledAt: null,
  supersededBy: null,
  noops: [],
  replacements: [],
})

export const isRunning = (entry: PatchMemory): boolean => entry.transitionStartedAt !== null

/** `object,function,sympos`: how memory names a function of a patch. */
export const functionKey = (object: string, name: string, sympos: number): string => `${object},${name},${sympos}`

export const listedFunctions = (patch: Livepatch): string[] =>
  patch.objects.flatMap((object) => object.functions.map(({ name, sympos }) => functionKey(object.name, name, sympos)))

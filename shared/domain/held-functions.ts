import type { EnabledFunction, Livepatch, LivepatchObject } from '../contract/kernel.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import { kernelPatches, patchWord, providerTitle } from './provider-facts.ts'
import { presentReports } from './provider-order.ts'

/** The kernel itself, among objects. */
export const VMLINUX = 'vmlinux'

type HeldReading = Pick<Snapshot, 'livepatches' | 'enabledFunctions' | 'providers'>

/** Who has which function of a host; looked up by each function of a patch, of which there may be thousands. */
export interface HeldFunctions {
  /** Newest livepatch, by object, function and position. */
  readonly livepatches: ReadonlyMap<string, string>
  /** How many functions of a name in an object livepatches have. */
  readonly positions: ReadonlyMap<string, number>
  /** By object and function. */
  readonly lines: ReadonlyMap<string, readonly EnabledFunction[]>
  /** System and patch, by object, function and position. */
  readonly others: ReadonlyMap<string, { readonly system: string; readonly patch: string }>
  /** What ftrace holds is what livepatches want: none changes, and they could be read. */
  readonly steady: boolean
}

export const keyOf = (object: string, name: string) => `${object}\0${name}`
export const placeOf = (object: string, name: string, sympos: number) =>
  `${keyOf(object, name)}\0${Math.max(1, sympos)}`
const placesOf = (objects: readonly LivepatchObject[]) =>
  objects.flatMap(({ name, functions }) =>
    functions.map((one) => ({ key: keyOf(name, one.name), place: placeOf(name, one.name, one.sympos) })),
  )

export const heldFunctions = (reading: HeldReading, stack: readonly Livepatch[]): HeldFunctions => {
  const livepatches = new Map<string, string>()
  const positions = new Map<string, number>()
  for (const { name, objects } of stack) {
    for (const { key, place } of placesOf(objects)) {
      if (!livepatches.has(place)) positions.set(key, (positions.get(key) ?? 0) + 1)
      livepatches.set(place, name)
    }
  }
  const lines = new Map<string, EnabledFunction[]>()
  for (const line of reading.enabledFunctions ?? []) {
    const key = keyOf(line.module ?? VMLINUX, line.name)
    const others = lines.get(key)
    if (others === undefined) lines.set(key, [line])
    else others.push(line)
  }
  const others = new Map<string, { system: string; patch: string }>()
  for (const report of presentReports(reading.providers)) {
    for (const patch of kernelPatches(report)) {
      if (patch.state === 'not_loaded' || patch.state === 'disabled') continue
      for (const { place } of placesOf(patch.objects ?? [])) {
        others.set(place, { system: providerTitle(report.name), patch: patchWord(patch) })
      }
    }
  }
  const steady = reading.livepatches !== null && stack.every(({ transition }) => transition === false)
  return { livepatches, positions, lines, others, steady }
}

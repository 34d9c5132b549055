import type { LivepatchCallbacks, LivepatchFunction, LivepatchImage, LivepatchState } from '../kernel/module-image.ts'
import type { FunctionKey } from '../kernel/program.ts'

/** struct klp_func (include/linux/livepatch.h). */
export interface PatchFunction {
  readonly key: FunctionKey
  readonly name: string
  /** As the patch says it; 0: the only one of that name. */
  readonly sympos: number
  readonly patch: Patch
  /** null: stands in a cumulative patch for one that only older patches have, and leads to the original. */
  readonly image: LivepatchFunction | null
  patched: boolean
  /** Tasks differ in which version they reach. */
  transition: boolean
}

/** struct klp_object. */
export interface PatchObject {
  readonly name: string
  /** Holds no-ops only, and goes with them. */
  readonly dynamic: boolean
  readonly callbacks: LivepatchCallbacks
  functions: PatchFunction[]
  loaded: boolean
  patched: boolean
  /** pre_patch was done, so post_unpatch must follow. */
  postUnpatchDue: boolean
}

/** struct klp_patch. */
export interface Patch {
  readonly name: string
  readonly image: LivepatchImage
  /** The module's, as they are now. */
  readonly parameters: Readonly<Record<string, string>>
  objects: PatchObject[]
  readonly states: readonly LivepatchState[]
  enabled: boolean
  /** Somebody may still run it: its module stays for good. */
  forced: boolean
}

export const newPatch = (name: string, image: LivepatchImage, parameters: Readonly<Record<string, string>>): Patch => {
  const states = image.states.map((state) => ({ ...state, data: null }))
  const patch: Patch = { name, image, parameters, objects: [], states, enabled: false, forced: false }
  for (const { name: objectName, functions, callbacks = {} } of image.objects) {
    const object = newObject(objectName, callbacks, false)
    for (const each of functions) object.functions.push(newFunction(patch, objectName, each.name, each.sympos, each))
    patch.objects.push(object)
  }
  return patch
}

const newObject = (name: string, callbacks: LivepatchCallbacks, dynamic: boolean): PatchObject => ({
  ...{ name, dynamic, callbacks, functions: [], loaded: false, patched: false, postUnpatchDue: false },
})

const newFunction = (
  patch: Patch,
  object: string,
  name: string,
  sympos: number,
  image: LivepatchFunction | null,
): PatchFunction => ({
  ...{ patch, name, sympos, image, patched: false, transition: false },
  key: `${object},${name},${sympos || 1}`,
})

/** klp_add_nops: a cumulative patch leads to the original wherever it brings nothing and an older patch does. */
export const addNoOps = (patch: Patch, older: readonly Patch[]): void => {
  for (const { objects } of older) {
    for (const { name, functions } of objects) {
      let object = patch.objects.find((known) => known.name === name)
      if (object === undefined) {
        object = newObject(name, {}, true)
        patch.objects.push(object)
      }
      for (const { key, name: functionName, sympos } of functions) {
        if (!object.functions.some((known) => known.key === key))
          object.functions.push(newFunction(patch, name, functionName, sympos, null))
      }
    }
  }
}

/** Whether the patch may come on top of those: kernel/livepatch/state.c, klp_is_patch_compatible. */
export const isCompatible = (patch: LivepatchImage, older: readonly Patch[]): boolean =>
  older.every(({ image }) =>
    image.states.every(({ id, version }) => {
      const state = patch.states.find((known) => known.id === id)
      return state === undefined ? !patch.replace : state.version >= version
    }),
  )

export const functionsOf = (patch: Patch): readonly PatchFunction[] =>
  patch.objects.flatMap(({ functions }) => functions)

import { CALLBACK_KINDS, type PatchedObject } from '@rebootless/shared/contract/module-facts.ts'
import { type Image, Unread } from './image.ts'

/** As the contract bounds them. */
const OBJECTS_MAX = 500
const FUNCTIONS_MAX = 5000
const FUNCTIONS_IN_ALL_MAX = 20_000

/** What the tables of a livepatch say. */
export interface PatchTables {
  readonly objects: PatchedObject[]
  /** Null: set by the module's code, so that its file does not show it. */
  readonly replace: boolean | null
  readonly states: { readonly id: string; readonly version: number }[] | null
}

export type PatchedFunction = PatchedObject['functions'][number]
export type CallbackKind = (typeof CALLBACK_KINDS)[number]

/** Puts what tables say of each object together, in the order in which they name them; kbuild's name for the kernel is none. */
export class ObjectList {
  readonly #objects = new Map<string, PatchedObject>()
  #functions = 0

  of(name: string | null): PatchedObject {
    const key = name === null || name === 'vmlinux' ? null : moduleName(name)
    const there = this.#objects.get(key ?? '')
    if (there !== undefined) return there
    if (this.#objects.size >= OBJECTS_MAX) throw new Unread(`It names more than ${OBJECTS_MAX} objects.`)
    const object: PatchedObject = { name: key, functions: [], callbacks: [] }
    this.#objects.set(key ?? '', object)
    return object
  }

  add(object: PatchedObject, patched: PatchedFunction): void {
    this.#functions += 1
    if (object.functions.length >= FUNCTIONS_MAX || this.#functions > FUNCTIONS_IN_ALL_MAX) {
      throw new Unread('It names more functions than any livepatch.')
    }
    object.functions.push(patched)
  }

  /** @throws Unread when it has one of the kind already */
  addCallback(object: PatchedObject, kind: CallbackKind): void {
    if (object.callbacks.includes(kind)) throw new Unread(`It names two ${kind} callbacks of one object.`)
    object.callbacks.push(kind)
    object.callbacks.sort((one, other) => CALLBACK_KINDS.indexOf(one) - CALLBACK_KINDS.indexOf(other))
  }

  all(): PatchedObject[] {
    return Array.from(this.#objects.values())
  }
}

/** MODULE_NAME_LEN, include/linux/module.h: klp_init_object refuses a longer one. */
const moduleName = (name: string): string => {
  if (name.length > 55) throw new Unread('It names an object that no kernel’s module can be.')
  return name
}

/** `old_sympos`: klp_find_object_symbol counts to it. @throws Unread */
export const symposOf = (image: Image, section: number, at: number): number => {
  const sympos = image.elf.numbers.u64(image.bytes(section, at, 8), 0)
  if (sympos > 0xffff_ffff) throw new Unread('It asks for a function by a place that no kernel’s symbol has.')
  return sympos
}

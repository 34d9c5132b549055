import { CALLBACK_KINDS } from '@rebootless/shared/contract/module-facts.ts'
import type { Section } from './elf.ts'
import { type Image, Unread } from './image.ts'
import type { Target } from './symbols.ts'
import { ObjectList, type PatchTables, symposOf } from './tables.ts'

/** `struct kpatch_patch_func` (kpatch, kmod/patch/kpatch-patch.h): seven words. */
const FUNCTION = { newAddress: 0, sympos: 32, name: 40, object: 48, bytes: 56 }
/** `struct kpatch_pre_patch_callback` and its kin: two words; the linker script puts a word of zeros behind them. */
const CALLBACK = { function: 0, object: 8, bytes: 16, padding: 8 }

/** What kpatch-build wrote into the sections from which a module's own code makes its tables at load. @throws Unread */
export const readKpatchTables = (image: Image): PatchTables => {
  const [functions, ...more] = image.elf.named('.kpatch.funcs')
  if (functions === undefined || more.length > 0) throw new Unread('kpatch made it, but without a table of functions.')
  const list = new ObjectList()
  if (functions.size % FUNCTION.bytes !== 0)
    throw new Unread('kpatch’s table of functions is of a kind that is not known.')
  requirePlaces(image, functions, FUNCTION.bytes, [FUNCTION.newAddress, FUNCTION.name, FUNCTION.object])
  for (let at = 0; at < functions.size; at += FUNCTION.bytes) {
    const replacement = image.pointer(functions.index, at + FUNCTION.newAddress)
    const object = list.of(nameAt(image, functions, at + FUNCTION.object))
    list.add(object, {
      name: nameAt(image, functions, at + FUNCTION.name),
      sympos: symposOf(image, functions.index, at + FUNCTION.sympos),
      replacement: replacement === undefined ? null : image.functionName(replacement),
    })
  }
  for (const kind of CALLBACK_KINDS) {
    for (const section of image.elf.named(`.kpatch.callbacks.${kind}`)) {
      const count = image.pointers(section.index, 0, section.size).length / 2
      const rest = section.size - count * CALLBACK.bytes
      if (!Number.isInteger(count) || (rest !== 0 && rest !== CALLBACK.padding)) {
        throw new Unread('kpatch’s table of callbacks is of a kind that is not known.')
      }
      requirePlaces(image, section, CALLBACK.bytes, [CALLBACK.function, CALLBACK.object])
      for (let at = 0; at < count * CALLBACK.bytes; at += CALLBACK.bytes) {
        list.addCallback(list.of(nameAt(image, section, at + CALLBACK.object)), kind)
      }
    }
  }
  // Its `replace` is a constant in the code (kmod/patch/livepatch-patch-hook.c, KLP_REPLACE_ENABLE); it sets no states.
  return { objects: list.all(), replace: null, states: [] }
}

const requirePlaces = (image: Image, section: Section, stride: number, places: readonly number[]): void => {
  if (image.pointers(section.index, 0, section.size).some(({ at }) => !places.includes(at % stride))) {
    throw new Unread('kpatch’s tables are of a kind that is not known.')
  }
}

const nameAt = (image: Image, section: Section, at: number): string => {
  const target: Target | undefined = image.pointer(section.index, at)
  if (target === undefined) throw new Unread('kpatch’s tables do not name each function and its object.')
  return image.name(target)
}

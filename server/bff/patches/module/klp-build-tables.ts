import { CALLBACK_KINDS } from '@rebootless/shared/contract/module-facts.ts'
import { type Image, Unread } from './image.ts'
import { ObjectList, type PatchTables, symposOf } from './tables.ts'

/** `struct klp_object_ext` and `struct klp_func_ext`: include/linux/livepatch_external.h, since Linux 6.19. */
const OBJECT = { name: 0, funcs: 8, callbacks: 16, functionCount: 56, bytes: 64 }
const FUNCTION = { oldName: 0, newFunc: 8, sympos: 16, bytes: 24 }
const FUNCTIONS_MAX = 5000

/** Where `objtool klp diff` puts its table of objects (tools/objtool/include/objtool/klp.h, KLP_OBJECTS_SEC). */
export const KLP_BUILD_OBJECTS = '.init.klp_objects'

/** What the kernel's own scripts/livepatch/klp-build leaves for a module's start to make its tables of. @throws Unread */
export const readKlpBuildTables = (image: Image): PatchTables => {
  const [section, ...more] = image.elf.named(KLP_BUILD_OBJECTS)
  if (section === undefined || more.length > 0 || section.size % OBJECT.bytes !== 0) {
    throw new Unread('klp-build’s table of objects is of a kind that is not known.')
  }
  const list = new ObjectList()
  for (let at = 0; at < section.size; at += OBJECT.bytes) {
    const name = image.pointer(section.index, at + OBJECT.name)
    const funcs = image.pointer(section.index, at + OBJECT.funcs)
    const count = image.elf.numbers.u32(image.bytes(section.index, at + OBJECT.functionCount, 4), 0)
    if (funcs === undefined || funcs.section === null || count > FUNCTIONS_MAX) {
      throw new Unread('klp-build’s table of objects does not say which functions each has.')
    }
    const object = list.of(name === undefined ? null : image.name(name))
    const { section: table, offset: start } = funcs
    for (let from = start; from < start + count * FUNCTION.bytes; from += FUNCTION.bytes) {
      const oldName = image.pointer(table, from + FUNCTION.oldName)
      const newFunc = image.pointer(table, from + FUNCTION.newFunc)
      if (oldName === undefined) throw new Unread('klp-build’s table of functions does not name each.')
      list.add(object, {
        name: image.name(oldName),
        sympos: symposOf(image, table, from + FUNCTION.sympos),
        replacement: newFunc === undefined ? null : image.functionName(newFunc),
      })
    }
    CALLBACK_KINDS.forEach((kind, index) => {
      if (image.pointer(section.index, at + OBJECT.callbacks + index * 8) !== undefined) list.addCallback(object, kind)
    })
  }
  // Its `replace` is a constant in the code (scripts/livepatch/init.c, KLP_NO_REPLACE), and so would its states be.
  return { objects: list.all(), replace: null, states: null }
}

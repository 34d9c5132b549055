import { CALLBACK_KINDS } from '@rebootless/shared/contract/module-facts.ts'
import { SHF_EXECINSTR, SHF_WRITE } from './elf.ts'
import { type Image, Unread } from './image.ts'
import type { Target } from './symbols.ts'
import { ObjectList, type PatchTables, symposOf } from './tables.ts'

/**
 * A livepatch written by hand has its tables in its data, as include/linux/livepatch.h declares them: `struct klp_patch`
 * with an array of `klp_object`, each with one of `klp_func`, and of `klp_state`. What a patch fills in stands first in each
 * and has stayed in place; how long a struct is differs by release and configuration. So it is taken from where the
 * addresses stand, and held against how long the array is by its symbol: what does not come out exactly is not read.
 */
const WORD = 8
/** The kernel links its own lists into the table, so it stands where it can be written. */
const TABLE_FLAGS = SHF_WRITE | SHF_EXECINSTR
const CANDIDATES_MAX = 50
const OBJECT = { name: 0, funcs: 8, callbacks: 16 }
const FUNCTION = { oldName: 0, newFunc: 8, sympos: 16, least: 24 }
const STATE = { id: 0, version: 8, data: 16, bytes: 24 }

/** @throws Unread when there is no such table, or none that can be read */
export const readKlpPatch = (image: Image, release: string): PatchTables => {
  const found: PatchTables[] = []
  let unread: unknown = new Unread('No table of a livepatch stands in its data: its code makes it when it is loaded.')
  for (const patch of candidates(image).slice(0, CANDIDATES_MAX)) {
    try {
      found.push(patchAt(image, patch, release))
    } catch (error) {
      if (!(error instanceof Unread)) throw error
      unread = error
    }
  }
  const [tables, ...more] = found
  if (tables === undefined) throw unread
  if (more.length > 0)
    throw new Unread('Several tables of a livepatch stand in its data; the file does not show which it enables.')
  return tables
}

/** Where `mod` may be the first member and `objs` the second: the module's own address, then one in the data. */
const candidates = (image: Image): { section: number; at: number }[] => {
  const { elf, symbols } = image
  const itself = symbols.all.find((symbol) => symbol.section !== null && symbols.nameOf(symbol) === '__this_module')
  if (itself === undefined) return []
  return elf.sections
    .filter(({ index, flags }) => (flags & TABLE_FLAGS) === SHF_WRITE && index !== itself.section)
    .flatMap(({ index, size }) =>
      image
        .pointers(index, 0, size)
        .filter(({ target }) => target.section === itself.section && target.offset === itself.value)
        .map(({ at }) => ({ section: index, at })),
    )
    .filter(({ section, at }) => {
      const objects = image.pointer(section, at + WORD)
      return objects !== undefined && image.isData(objects)
    })
}

const patchAt = (image: Image, place: { section: number; at: number }, release: string): PatchTables => {
  const symbol = { section: place.section, offset: place.at } as Target
  const { section, at, size } = image.variable(symbol, 'struct klp_patch')
  const pointers = image.pointers(section, at, size)
  if (size < 32 || pointers.some((pointer) => ![0, 8, 16].includes(pointer.at))) {
    throw new Unread('Its struct klp_patch is of a kind that is not known.')
  }
  const objects = image.pointer(section, at + WORD) as Target
  const states = image.pointer(section, at + 2 * WORD)
  return {
    objects: objectsAt(image, objects),
    replace: replaceOf(image.bytes(section, at + 16, 16), states !== undefined, release),
    states: states === undefined ? [] : statesAt(image, states),
  }
}

/**
 * `replace` stands behind `states`, which came with Linux 5.5, or in its place (5.1); before 4.16 `immediate` stood there.
 * A static table has zeros in all else.
 */
const replaceOf = (bytes: Buffer, hasStates: boolean, release: string): boolean | null => {
  const [first, second] = [bytes.subarray(0, 8), bytes.subarray(8, 16)]
  const value = (word: Buffer) => (word.subarray(1).every((byte) => byte === 0) && (word[0] ?? 2) <= 1 ? word[0] : null)
  const [earlier, later] = [hasStates ? 0 : value(first), value(second)]
  if (earlier === null || later === null || (earlier === 1 && later === 1)) return null
  if (earlier === 1) return !/^4\.1[2-5]\./.test(release)
  return later === 1
}

/**
 * How long an element of an array is. `places` has where each holds the member at `first`; behind them is an empty one.
 * @throws Unread when it is not the same for all
 */
const strideOf = (places: readonly number[], first: number, size: number, what: string): number => {
  const [one = -1, other] = places
  const stride = other === undefined ? size / 2 : other - one
  const regular = places.every((place, index) => place === first + index * stride)
  if (!regular || stride % WORD !== 0 || size !== (places.length + 1) * stride) {
    throw new Unread(`Its ${what} does not come out as one: not every element is where the others have it.`)
  }
  return stride
}

const objectsAt = (image: Image, target: Target): PatchTables['objects'] => {
  const { section, at: start, size } = image.variable(target, 'array of struct klp_object')
  const pointers = image.pointers(section, start, size)
  const places = pointers.filter(({ target: to }) => image.isData(to)).map(({ at }) => at)
  const stride = strideOf(places, OBJECT.funcs, size, 'array of struct klp_object')
  const list = new ObjectList()
  const names = new Map(pointers.filter(({ at }) => at % stride === OBJECT.name).map(({ at, target: to }) => [at, to]))
  const objects = places.map((place) => {
    const name = names.get(place - OBJECT.funcs)
    return list.of(name === undefined ? null : textOf(image, name))
  })
  if (new Set(objects).size !== objects.length) throw new Unread('It names one object twice.')
  for (const { at, target: to } of pointers) {
    const object = objects[Math.floor(at / stride)]
    const member = at % stride
    if (object === undefined) throw new Unread('Its array of struct klp_object has no end.')
    if (member === OBJECT.name) continue
    if (member === OBJECT.funcs) {
      for (const patched of functionsAt(image, to)) list.add(object, patched)
      continue
    }
    const kind = CALLBACK_KINDS[(member - OBJECT.callbacks) / WORD]
    if (kind === undefined || !image.isCode(to))
      throw new Unread('Its struct klp_object is of a kind that is not known.')
    list.addCallback(object, kind)
  }
  return list.all()
}

const functionsAt = (image: Image, target: Target): PatchTables['objects'][number]['functions'] => {
  const { section, at: start, size } = image.variable(target, 'array of struct klp_func')
  const pointers = image.pointers(section, start, size)
  if (pointers.length === 0) {
    if (image.bytes(section, start, size).some((byte) => byte !== 0)) throw new Unread('It names functions by numbers.')
    return []
  }
  const places = pointers.filter(({ target: to }) => image.isText(to)).map(({ at }) => at)
  const stride = strideOf(places, FUNCTION.oldName, size, 'array of struct klp_func')
  const replacements = new Map<number, Target>()
  for (const { at, target: to } of pointers) {
    if (at % stride === FUNCTION.oldName) continue
    if (at % stride !== FUNCTION.newFunc || at > size - stride || !image.isCode(to) || stride < FUNCTION.least) {
      throw new Unread('Its struct klp_func is of a kind that is not known.')
    }
    replacements.set(at, to)
  }
  const named = new Map(pointers.map(({ at, target: to }) => [at, to]))
  return places.map((place) => {
    const replacement = replacements.get(place + FUNCTION.newFunc)
    return {
      name: textOf(image, named.get(place)),
      sympos: symposOf(image, section, start + place + FUNCTION.sympos),
      replacement: replacement === undefined ? null : image.functionName(replacement),
    }
  })
}

const textOf = (image: Image, target: Target | undefined): string => {
  if (target === undefined || !image.isText(target)) throw new Unread('A table of it names by what is no text.')
  return image.name(target)
}

/** Ends with an id of 0 (klp_for_each_state, include/linux/livepatch.h). */
const statesAt = (image: Image, target: Target): PatchTables['states'] => {
  const { section, at, size } = image.variable(target, 'array of struct klp_state')
  const count = size / STATE.bytes - 1
  const strange = image.pointers(section, at, size).some((pointer) => pointer.at % STATE.bytes !== STATE.data)
  if (!Number.isInteger(count) || count < 0 || count > 200 || strange) return null
  const bytes = image.bytes(section, at, size)
  const { u32, u64Exact } = image.elf.numbers
  const states: { id: string; version: number }[] = []
  for (let from = 0; from < size; from += STATE.bytes) {
    const id = u64Exact(bytes, from + STATE.id)
    const version = u32(bytes, from + STATE.version)
    const last = from === count * STATE.bytes
    if ((id === 0n) !== last || (last && version !== 0) || u32(bytes, from + STATE.version + 4) !== 0) return null
    if (!last) states.push({ id: id.toString(), version })
  }
  return states
}

import { type Elf, type Section, SHF_EXECINSTR, SHF_WRITE } from './elf.ts'
import {
  type ElfSymbol,
  type ElfSymbols,
  readPointers,
  readSymbols,
  relocationTables,
  type Target,
  textAt,
} from './symbols.ts'

const STT_OBJECT = 1
const STT_FUNC = 2
const SHT_NOBITS = 8
/** KSYM_NAME_LEN, include/linux/kallsyms.h. */
const NAME_BYTES_MAX = 511

/** Why the tables of a module could not be read, in a sentence: the module is kept all the same. */
export class Unread extends Error {}

/** A module's data as it will be once the loader has put addresses into it. */
export interface Image {
  readonly elf: Elf
  readonly symbols: ElfSymbols
  /** @throws Unread when it does not lie within one section */
  bytes(section: number, offset: number, size: number): Buffer
  pointer(section: number, offset: number): Target | undefined
  /** Those in a piece of a section, by their place in the piece, in order. */
  pointers(section: number, from: number, size: number): { readonly at: number; readonly target: Target }[]
  /** @throws Unread when there is no name of a kernel's kind */
  name(target: Target): string
  isCode(target: Target): boolean
  /** Text is what nobody writes to and nobody runs. */
  isText(target: Target): boolean
  isData(target: Target): boolean
  /** The variable that begins there: the one thing that says how long it is. @throws Unread */
  variable(target: Target, what: string): { readonly section: number; readonly at: number; readonly size: number }
  /** What is called by this name there; null: nothing, or several. */
  functionName(target: Target): string | null
}

/** @throws DomainError `artefact_refused` */
export const readImage = (elf: Elf): Image => {
  const symbols = readSymbols(elf)
  const tables = relocationTables(elf)
  const pointersOf = remembered((index: number) => {
    const places = readPointers(elf, symbols, tables.get(index) ?? [])
    return { places, order: Float64Array.from(places.keys()).sort() }
  })
  const contentOf = remembered((index: number) => {
    const section = elf.sections[index] as Section
    return elf.content(section, 'data')
  })
  const byPlace = remembered((type: number) => {
    const found = new Map<string, ElfSymbol[]>()
    for (const symbol of symbols.all) {
      if (symbol.type !== type || symbol.section === null) continue
      const key = `${symbol.section}:${symbol.value}`
      const there = found.get(key)
      if (there === undefined) found.set(key, [symbol])
      else there.push(symbol)
    }
    return found
  })
  const flagsOf = ({ section }: Target) => (section === null ? undefined : elf.sections[section]?.flags)

  return {
    elf,
    symbols,
    bytes(index, offset, size) {
      const section = elf.sections[index]
      if (section === undefined || offset < 0 || offset + size > section.size) {
        throw new Unread('One of its tables lies outside of the data.')
      }
      if (section.type !== SHT_NOBITS) return contentOf(index).subarray(offset, offset + size)
      if (size > 1024 * 1024) throw new Unread('One of its tables is larger than any.')
      return Buffer.alloc(size)
    },
    pointer: (index, offset) => pointersOf(index).places.get(offset),
    pointers(index, from, size) {
      const { places, order } = pointersOf(index)
      const found: { at: number; target: Target }[] = []
      for (let next = firstFrom(order, from); next < order.length; next += 1) {
        const place = order[next] as number
        if (place >= from + size) break
        found.push({ at: place - from, target: places.get(place) as Target })
      }
      return found
    },
    name({ section: index, offset }) {
      const section = index === null ? undefined : elf.sections[index]
      if (section === undefined || index === null || section.type === SHT_NOBITS || offset < 0) {
        throw new Unread('One of its tables names a function or an object by what is no text.')
      }
      const text = textAt(contentOf(index), offset, NAME_BYTES_MAX)
      if (text === null || text === '')
        throw new Unread('One of its tables holds a name that no kernel’s symbol can have.')
      return text
    },
    isCode: (target) => ((flagsOf(target) ?? 0n) & SHF_EXECINSTR) !== 0n,
    isText: (target) => ((flagsOf(target) ?? SHF_WRITE) & (SHF_WRITE | SHF_EXECINSTR)) === 0n,
    isData: (target) => ((flagsOf(target) ?? 0n) & SHF_WRITE) !== 0n,
    variable({ section, offset }, what) {
      const there =
        byPlace(STT_OBJECT)
          .get(`${section}:${offset}`)
          ?.filter(({ size }) => size > 0) ?? []
      const [first] = there
      if (section === null || first === undefined || there.some(({ size }) => size !== first.size)) {
        throw new Unread(`Its symbols do not say how long its ${what} is: build it without stripping them.`)
      }
      return { section, at: offset, size: first.size }
    },
    functionName({ section, offset, symbol }) {
      if (section === null) return null
      const there = byPlace(STT_FUNC).get(`${section}:${offset}`) ?? []
      const one = there.length === 1 ? there[0] : there.find(({ index }) => index === symbol.index)
      return one === undefined ? null : symbols.nameOf(one) || null
    },
  }
}

const remembered = <T>(make: (key: number) => T): ((key: number) => T) => {
  const made = new Map<number, T>()
  return (key) => {
    const there = made.get(key)
    if (there !== undefined) return there
    const value = make(key)
    made.set(key, value)
    return value
  }
}

const firstFrom = (order: Float64Array, from: number): number => {
  let [low, high] = [0, order.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((order[middle] as number) < from) low = middle + 1
    else high = middle
  }
  return low
}

import type { Elf, Section } from './elf.ts'
import { refused } from './module-file.ts'

const SYMBOL_BYTES = 24
const RELOCATION_BYTES = 24
/** A vendor's largest livepatch has some ten thousand symbols, and a few times as many relocations of data. */
const SYMBOLS_MAX = 200_000
const RELOCATIONS_MAX = 400_000
const SHT_SYMTAB = 2
const SHT_RELA = 4
const SHT_SYMTAB_SHNDX = 18
/** Relocations that livepatch itself applies once their object is there: Documentation/livepatch/module-elf-format.rst. */
const SHF_RELA_LIVEPATCH = 0x00100000n
const SHN_UNDEF = 0
const SHN_XINDEX = 0xffff
const SHN_LORESERVE = 0xff00
const STT_SECTION = 3
/** KSYM_NAME_LEN, include/linux/kallsyms.h; a `.klp.sym.` symbol has an object and a number around it. */
const SYMBOL_NAME_MAX = 640

export interface ElfSymbol {
  readonly index: number
  /** Offset in the names of symbols. */
  readonly nameAt: number
  /** STT_OBJECT 1, STT_FUNC 2, STT_SECTION 3. */
  readonly type: number
  /** Index of its section; null: not of this file, or of no section. */
  readonly section: number | null
  readonly defined: boolean
  readonly value: number
  readonly size: number
}

export interface ElfSymbols {
  readonly all: readonly ElfSymbol[]
  /** Null where the name has no end, or is longer than any. */
  nameOf(symbol: ElfSymbol): string | null
}

/** Where an address in the file's data points to. */
export interface Target {
  readonly symbol: ElfSymbol
  /** Index of a section of the file; null: a symbol of the kernel's or of another module's. */
  readonly section: number | null
  readonly offset: number
}

/** The one table of symbols (gABI, "Symbol Table"); without it the kernel loads nothing. @throws DomainError */
export const readSymbols = (elf: Elf): ElfSymbols => {
  const [section, ...more] = elf.sections.filter(({ type }) => type === SHT_SYMTAB)
  if (section === undefined || more.length > 0)
    throw refused('This is no kernel module: it needs one table of symbols.')
  const namesSection = elf.sections[section.link]
  if (namesSection === undefined) throw refused('The file is cut or damaged: its symbols have no names.')
  if (section.size > SYMBOLS_MAX * SYMBOL_BYTES) throw refused('It has more symbols than any module.')
  const table = elf.content(section, 'table of symbols')
  const names = elf.content(namesSection, 'names of symbols')
  const extended = elf.sections.find(({ type, link }) => type === SHT_SYMTAB_SHNDX && link === section.index)
  const indices = extended === undefined ? null : elf.content(extended, 'sections of symbols')
  const { u16, u32, u64 } = elf.numbers

  const all: ElfSymbol[] = []
  for (let at = 0; at + SYMBOL_BYTES <= table.length; at += SYMBOL_BYTES) {
    const index = at / SYMBOL_BYTES
    const short = u16(table, at + 6)
    const long = short === SHN_XINDEX && indices !== null && index * 4 + 4 <= indices.length
    const number = long ? u32(indices, index * 4) : short
    const ofSection = long || (short !== SHN_UNDEF && short < SHN_LORESERVE)
    all.push({
      index,
      nameAt: u32(table, at),
      type: (table[at + 4] ?? 0) & 0xf,
      section: ofSection && number < elf.sections.length ? number : null,
      defined: short !== SHN_UNDEF,
      value: u64(table, at + 8),
      size: u64(table, at + 16),
    })
  }
  return {
    all,
    nameOf({ type, nameAt, section: ofSection }) {
      if (type === STT_SECTION && nameAt === 0 && ofSection !== null) return ''
      return textAt(names, nameAt, SYMBOL_NAME_MAX)
    },
  }
}

/** A text up to its zero; null where it has none within `bytesMax`, or holds what no name in a kernel holds. */
export const textAt = (content: Buffer, at: number, bytesMax: number): string | null => {
  const piece = content.subarray(at, at + bytesMax + 1)
  const end = piece.indexOf(0)
  if (end < 0) return null
  const text = piece.toString('latin1', 0, end)
  return /^[\x21-\x7e]*$/.test(text) ? text : null
}

/** By the section that they change: the tables of relocations that the loader applies itself. */
export const relocationTables = (elf: Elf): ReadonlyMap<number, readonly Section[]> => {
  const tables = new Map<number, Section[]>()
  for (const section of elf.sections) {
    if (section.type !== SHT_RELA || (section.flags & SHF_RELA_LIVEPATCH) !== 0n) continue
    const there = tables.get(section.info)
    if (there === undefined) tables.set(section.info, [section])
    else there.push(section)
  }
  return tables
}

/** By the offset in a section: what the loader will write there, of addresses alone (gABI, "Relocation"). @throws DomainError */
export const readPointers = (elf: Elf, symbols: ElfSymbols, tables: readonly Section[]): Map<number, Target> => {
  const pointers = new Map<number, Target>()
  const { u64, u64Exact } = elf.numbers
  for (const table of tables) {
    if (table.size > RELOCATIONS_MAX * RELOCATION_BYTES) throw refused('It has more relocations than any module.')
    const content = elf.content(table, 'relocations')
    for (let at = 0; at + RELOCATION_BYTES <= content.length; at += RELOCATION_BYTES) {
      const info = u64Exact(content, at + 8)
      if (Number(info & 0xffff_ffffn) !== elf.absoluteRelocation) continue
      const symbol = symbols.all[Number(info >> 32n)]
      if (symbol === undefined)
        throw refused('The file is cut or damaged: a relocation names a symbol that it has not.')
      const place = u64(content, at)
      if (pointers.has(place)) throw refused('The file is damaged: two relocations of the same place.')
      const addend = Number(BigInt.asIntN(64, u64Exact(content, at + 16)))
      pointers.set(place, { symbol, section: symbol.section, offset: symbol.value + addend })
    }
  }
  return pointers
}

/** Objects of whose symbols livepatch is asked: `.klp.sym.OBJECT.NAME,SYMPOS` (Documentation/livepatch/module-elf-format.rst). */
export const livepatchSymbolObjects = (symbols: ElfSymbols): string[] => {
  const objects = new Set<string>()
  for (const symbol of symbols.all) {
    const [, object] = /^\.klp\.sym\.([^.]{1,55})\.[^,]+,\d+$/.exec(symbols.nameOf(symbol) ?? '') ?? []
    if (object !== undefined) objects.add(object)
  }
  return Array.from(objects).sort()
}

import { type ModuleFile, refused } from './module-file.ts'

/** Built with -ffunction-sections, a large kernel module has some ten thousand. */
const SECTIONS_MAX = 100_000
const NAMES_BYTES_MAX = 8 * 1024 * 1024
/** Sections of which we read the content hold tables and texts: those of the largest vendors' livepatches have a few MiB. */
const CONTENT_BYTES_MAX = 16 * 1024 * 1024
const HEADER_BYTES = 64
const SECTION_BYTES = 64
const SHT_NOBITS = 8
export const SHF_WRITE = 1n
export const SHF_EXECINSTR = 4n

/**
 * By e_machine: what `uname -m` prints there, the byte order of its kernels (true: little), and the relocation that puts a
 * symbol's whole address into 64 bits (include/uapi/linux/elf-em.h; arch/ARCH/include/asm/elf.h).
 */
const MACHINES = new Map([
  [62, { architecture: 'x86_64', little: true, absolute: 1 }],
  [183, { architecture: 'aarch64', little: true, absolute: 257 }],
  [21, { architecture: 'ppc64le', little: true, absolute: 38 }],
  [22, { architecture: 's390x', little: false, absolute: 22 }],
] as const)

export interface Section {
  readonly index: number
  /** Offset in the names of sections. */
  readonly name: number
  readonly type: number
  readonly flags: bigint
  readonly offset: number
  readonly size: number
  readonly link: number
  readonly info: number
}

export interface Elf {
  readonly architecture: 'x86_64' | 'aarch64' | 'ppc64le' | 's390x'
  readonly absoluteRelocation: number
  readonly numbers: Numbers
  readonly sections: readonly Section[]
  /** Those of exactly this name, in the file's order. */
  named(name: string): Section[]
  /** Whether there is one whose name begins so. */
  hasPrefix(prefix: string): boolean
  /** What a section holds; zeros cost nothing in the file and are none here: a section without content is empty. */
  content(section: Section, what: string): Buffer
}

/** How the file writes its numbers. What is too large for a number is too large for a file, and refused as such. */
export interface Numbers {
  u16(from: Buffer, at: number): number
  u32(from: Buffer, at: number): number
  u64(from: Buffer, at: number): number
  u64Exact(from: Buffer, at: number): bigint
}

const numbersOf = (little: boolean): Numbers => {
  const u64Exact = (from: Buffer, at: number) => (little ? from.readBigUInt64LE(at) : from.readBigUInt64BE(at))
  return {
    u16: (from, at) => (little ? from.readUInt16LE(at) : from.readUInt16BE(at)),
    u32: (from, at) => (little ? from.readUInt32LE(at) : from.readUInt32BE(at)),
    u64: (from, at) => Number(u64Exact(from, at)),
    u64Exact,
  }
}

/**
 * The header and the sections of a kernel module: ELF, 64-bit, relocatable (gABI, "ELF Header", "Sections").
 * @throws DomainError `artefact_refused`
 */
export const readElf = (file: ModuleFile): Elf => {
  const header = file.size < HEADER_BYTES ? Buffer.alloc(HEADER_BYTES) : file.read(0, HEADER_BYTES, 'header')
  if (header.readUInt32BE(0) !== 0x7f_45_4c_46) {
    throw refused(
      'This is no ELF file: upload a .ko, also packed (.ko.xz, .ko.zst, .ko.gz), or an .rpm or .deb with one.',
    )
  }
  const [bits, order] = [header[4], header[5]]
  if (bits !== 2 || (order !== 1 && order !== 2)) throw refused('This ELF file is not of a 64-bit machine.')
  const numbers = numbersOf(order === 1)
  if (numbers.u16(header, 16) !== 1) throw refused('This ELF file is no kernel module: it is not relocatable.')
  const machine = MACHINES.get(numbers.u16(header, 18) as 62)
  if (machine === undefined || machine.little !== (order === 1)) {
    throw refused('This module is for none of the machines that can be live patched: x86_64, aarch64, ppc64le, s390x.')
  }
  if (numbers.u16(header, 58) !== SECTION_BYTES) throw refused('This ELF file has section headers of another size.')

  const tableAt = numbers.u64(header, 40)
  const sectionOf = (table: Buffer, index: number, at: number): Section => ({
    index,
    name: numbers.u32(table, at),
    type: numbers.u32(table, at + 4),
    flags: numbers.u64Exact(table, at + 8),
    offset: numbers.u64(table, at + 24),
    size: numbers.u64(table, at + 32),
    link: numbers.u32(table, at + 40),
    info: numbers.u32(table, at + 44),
  })
  // More than 65,279 sections do not fit the header: section 0 says how many, and where their names are.
  const first = sectionOf(file.read(tableAt, SECTION_BYTES, 'section headers'), 0, 0)
  const count = numbers.u16(header, 60) || first.size
  const namesIndex = numbers.u16(header, 62) === 0xffff ? first.link : numbers.u16(header, 62)
  if (count > SECTIONS_MAX) throw refused('This ELF file has more sections than any kernel module.')
  if (namesIndex >= count) throw refused('This ELF file does not say what its sections are called.')
  const table = file.read(tableAt, count * SECTION_BYTES, 'section headers')
  const sections = Array.from({ length: count }, (_, index) => sectionOf(table, index, index * SECTION_BYTES))
  const namesSection = sections[namesIndex] as Section
  if (namesSection.size > NAMES_BYTES_MAX) throw refused('The names of its sections are longer than any module’s.')
  const names = file.read(namesSection.offset, namesSection.size, 'section names')
  // Compared in place: to look for the end of each name would take hours over names that have none.
  const begins = ({ name }: Section, wanted: Buffer) => names.subarray(name, name + wanted.length).equals(wanted)

  return {
    architecture: machine.architecture,
    absoluteRelocation: machine.absolute,
    numbers,
    sections,
    named(name) {
      const wanted = Buffer.from(`${name}\0`)
      return sections.filter((section) => begins(section, wanted))
    },
    hasPrefix(prefix) {
      const wanted = Buffer.from(prefix)
      return sections.some((section) => begins(section, wanted))
    },
    content(section, what) {
      if (section.type === SHT_NOBITS) return Buffer.alloc(0)
      if (section.size > CONTENT_BYTES_MAX) throw refused(`Its ${what} is larger than any module’s.`)
      return file.read(section.offset, section.size, what)
    },
  }
}

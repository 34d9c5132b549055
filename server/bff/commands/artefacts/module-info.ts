import type { FileHandle } from 'node:fs/promises'
import { DomainError } from '@rebootless/shared/domain/errors.ts'

/** What a livepatch module says of itself in its section .modinfo (include/linux/moduleparam.h, MODULE_INFO). */
export interface ModuleInfo {
  readonly name: string
  readonly vermagic: string
  readonly version: string | null
  readonly srcversion: string | null
  readonly depends: string[]
}

/** Built with -ffunction-sections, a large kernel module has some ten thousand. */
const SECTIONS_MAX = 100_000
const NAMES_BYTES_MAX = 8 * 1024 * 1024
const MODINFO_BYTES_MAX = 256 * 1024
const MODINFO_NAME = Buffer.from('.modinfo\0')
const HEADER_BYTES = 64
const SECTION_BYTES = 64
/** MODULE_NAME_LEN (include/linux/module.h) without the zero at the end; kbuild writes `_` for what is no letter. */
const MODULE_NAME = /^[A-Za-z0-9_]{1,55}$/

const refused = (detail: string) => new DomainError('artefact_refused', detail)

interface Section {
  readonly name: number
  readonly type: number
  readonly offset: number
  readonly size: number
}

/**
 * Reads one ELF file (gABI, "ELF Header", "Sections"), 64-bit of either byte order, piece by piece: every offset and size
 * in it is a stranger's word and is held against the file's own size (threat-model T14).
 * @throws DomainError `artefact_refused`
 */
export const readModuleInfo = async (file: FileHandle, fileBytes: number): Promise<ModuleInfo> => {
  const piece = async (offset: number, size: number, what: string): Promise<Buffer> => {
    if (!Number.isSafeInteger(offset) || offset < 0 || size < 0 || offset + size > fileBytes) {
      throw refused(`The file is cut or damaged: its ${what} would lie behind its end.`)
    }
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, offset)
    if (bytesRead !== size) throw refused('The file is cut or damaged.')
    return buffer
  }
  const header = fileBytes < HEADER_BYTES ? Buffer.alloc(HEADER_BYTES) : await piece(0, HEADER_BYTES, 'header')
  if (header.readUInt32BE(0) !== 0x7f_45_4c_46) throw refused('This is no ELF file: upload the .ko itself, unpacked.')
  const [bits, order] = [header[4], header[5]]
  if (bits !== 2 || (order !== 1 && order !== 2)) throw refused('This ELF file is not of a 64-bit machine.')
  const read = reader(order === 1)
  if (read.u16(header, 16) !== 1) throw refused('This ELF file is no kernel module: it is not relocatable.')
  if (read.u16(header, 58) !== SECTION_BYTES) throw refused('This ELF file has section headers of another size.')

  const tableAt = read.u64(header, 40)
  const section = (table: Buffer, index: number): Section => ({
    name: read.u32(table, index * SECTION_BYTES),
    type: read.u32(table, index * SECTION_BYTES + 4),
    offset: read.u64(table, index * SECTION_BYTES + 24),
    size: read.u64(table, index * SECTION_BYTES + 32),
  })
  // More than 65,279 sections do not fit the header: section 0 says how many, and where their names are.
  const first = await piece(tableAt, SECTION_BYTES, 'section headers')
  const count = read.u16(header, 60) || section(first, 0).size
  const namesIndex = read.u16(header, 62) === 0xffff ? read.u32(first, 40) : read.u16(header, 62)
  if (count > SECTIONS_MAX) throw refused('This ELF file has more sections than any kernel module.')
  if (namesIndex >= count) throw refused('This ELF file does not say what its sections are called.')
  const table = await piece(tableAt, count * SECTION_BYTES, 'section headers')
  const namesSection = section(table, namesIndex)
  if (namesSection.size > NAMES_BYTES_MAX) throw refused('The names of its sections are longer than any module’s.')
  const names = await piece(namesSection.offset, namesSection.size, 'section names')

  // Compared in place: to look for the end of each name would take hours over names that have none.
  const found = Array.from({ length: count }, (_, index) => section(table, index)).filter(({ name }) =>
    names.subarray(name, name + MODINFO_NAME.length).equals(MODINFO_NAME),
  )
  const [modinfo, ...more] = found
  // 8 is SHT_NOBITS: a section without content in the file.
  if (modinfo === undefined || more.length > 0 || modinfo.type === 8) {
    throw refused('This is no kernel module: it needs exactly one section .modinfo.')
  }
  if (modinfo.size > MODINFO_BYTES_MAX) throw refused('Its section .modinfo is larger than any module’s.')
  return infoOf(await piece(modinfo.offset, modinfo.size, 'section .modinfo'))
}

const reader = (little: boolean) => ({
  u16: (from: Buffer, at: number) => (little ? from.readUInt16LE(at) : from.readUInt16BE(at)),
  u32: (from: Buffer, at: number) => (little ? from.readUInt32LE(at) : from.readUInt32BE(at)),
  /** What is too large for a number is too large for the file; the caller refuses it. */
  u64: (from: Buffer, at: number) => Number(little ? from.readBigUInt64LE(at) : from.readBigUInt64BE(at)),
})

const infoOf = (content: Buffer): ModuleInfo => {
  // The kernel reads each entry to its zero, beyond the section's end if need be.
  if (content.at(-1) !== 0) throw refused('The file is cut or damaged: the last line of its .modinfo has no end.')
  const entries = new Map<string, string>()
  for (const entry of content.toString('latin1').split('\0')) {
    const cut = entry.indexOf('=')
    if (cut < 0) continue
    const key = entry.slice(0, cut)
    if (!['livepatch', 'name', 'vermagic', 'version', 'srcversion', 'depends'].includes(key)) continue
    // The kernel takes the first, other tools the last (kernel/module/main.c, get_next_modinfo).
    if (entries.has(key)) throw refused(`Its .modinfo says ${key} twice.`)
    entries.set(key, entry.slice(cut + 1))
  }
  const text = (key: string, charactersMax: number): string | null => {
    const value = entries.get(key)
    if (value === undefined || value === '') return null
    if (value.length > charactersMax || !/^[\x20-\x7e]+$/.test(value)) throw refused(`Its ${key} is no plain text.`)
    return value
  }
  // kernel/module/main.c, check_modinfo_livepatch: the key alone makes it one.
  if (!entries.has('livepatch')) throw refused('This module does not bear the mark of a livepatch.')
  const name = text('name', 55)
  const vermagic = text('vermagic', 256)
  if (name === null || !MODULE_NAME.test(name)) throw refused('Its name is none that a module can have.')
  if (vermagic === null) throw refused('It does not say for which kernel it was built (vermagic).')
  const depends = (text('depends', 1024) ?? '').split(',').filter((word) => word !== '')
  if (!depends.every((word) => MODULE_NAME.test(word))) throw refused('It depends on what is no module’s name.')
  return { name, vermagic, version: text('version', 128), srcversion: text('srcversion', 64), depends }
}

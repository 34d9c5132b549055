import type { KernelFacts } from '../kernel/kernel-facts.ts'
import type { LivepatchImage } from '../kernel/module-image.ts'
import { moduleTables, SECTIONS } from './module-writer.ts'
import type { FleetPatch } from './patch-images.ts'

/** EM_X86_64, EM_PPC64, EM_AARCH64, EM_S390: elf(5); the last is the relocation of a whole address (elf.h). */
const MACHINES: Readonly<
  Record<KernelFacts['architecture'], readonly [machine: number, little: boolean, absolute: number]>
> = {
  ...{ x86_64: [62, true, 1], ppc64le: [21, true, 38], aarch64: [183, true, 257], s390x: [22, false, 22] },
}
const HEADER_BYTES = 64
const SECTION_BYTES = 64
const NAMES =
  '\0.modinfo\0.text\0.rodata.str1.1\0.data\0.rela.data\0.gnu.linkonce.this_module\0.symtab\0.strtab\0.shstrtab\0'
const SIGNED = 'simulated signature'
const SIGNATURE_MARK = '~Module signature appended~\n'
const NO_TABLES: LivepatchImage = { marked: true, replace: false, objects: [], states: [] }

/**
 * A file that stands for a published livepatch: an ELF file that says of itself what the module would say, with its tables,
 * and that it is simulated, and holds no code. A simulated kernel takes it for the patch of that name; a real one refuses it
 * (ENOEXEC).
 */
export const simulatedModule = (
  { image, about }: Pick<FleetPatch, 'image'> & { readonly about?: string },
  { release, architecture }: Pick<KernelFacts, 'release' | 'architecture'>,
): Uint8Array => {
  const [machine, little, absolute] = MACHINES[architecture]
  const info = bytesOf(
    [
      ...['livepatch=Y', `name=${image.name}`, `vermagic=${release} SMP mod_unload modversions `, 'depends='],
      ...[`srcversion=${image.srcversion ?? ''}`, 'license=GPL'],
      about === undefined ? DESCRIPTION : `${DESCRIPTION}; ${about}`,
    ]
      .join('\0')
      .concat('\0'),
  )
  const tables = moduleTables(image.livepatch ?? NO_TABLES, little, absolute)
  const { modinfo, text, strings, data, relocations, module, symbols, symbolNames, names } = SECTIONS
  const sections: Section[] = [
    { index: modinfo, name: '.modinfo', type: 1, flags: 2, content: info },
    { index: text, name: '.text', type: 1, flags: 6, content: tables.text },
    { index: strings, name: '.rodata.str1.1', type: 1, flags: 2, content: tables.strings },
    { index: data, name: '.data', type: 1, flags: 3, content: tables.data },
    {
      index: relocations,
      name: '.rela.data',
      type: 4,
      content: tables.relocations,
      link: symbols,
      info: data,
      each: 24,
    },
    { index: module, name: '.gnu.linkonce.this_module', type: 1, flags: 3, content: new Uint8Array(64) },
    {
      index: symbols,
      name: '.symtab',
      type: 2,
      content: tables.symbols,
      link: symbolNames,
      info: tables.globalFrom,
      each: 24,
    },
    { index: symbolNames, name: '.strtab', type: 3, content: tables.symbolNames },
    { index: names, name: '.shstrtab', type: 3, content: bytesOf(NAMES) },
  ]
  const contentBytes = sections.reduce((bytes, { content }) => bytes + padded(content.length), 0)
  const tableAt = HEADER_BYTES + contentBytes
  const signature = image.signed ? signatureBytes() : new Uint8Array(0)
  const file = new Uint8Array(tableAt + (sections.length + 1) * SECTION_BYTES + signature.length)
  const view = new DataView(file.buffer)
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, little ? 1 : 2, 1])
  view.setUint16(16, 1, little) // relocatable
  view.setUint16(18, machine, little)
  view.setUint32(20, 1, little)
  view.setBigUint64(40, BigInt(tableAt), little)
  for (const [at, value] of [
    [52, HEADER_BYTES],
    [58, SECTION_BYTES],
    [60, sections.length + 1],
    [62, names],
  ] as const) {
    view.setUint16(at, value, little)
  }
  let at = HEADER_BYTES
  for (const section of sections) {
    file.set(section.content, at)
    writeHeader(view, tableAt + section.index * SECTION_BYTES, section, at, little)
    at += padded(section.content.length)
  }
  file.set(signature, file.length - signature.length)
  return file
}

interface Section {
  readonly index: number
  readonly name: string
  readonly type: number
  readonly flags?: number
  readonly content: Uint8Array
  readonly link?: number
  readonly info?: number
  /** Bytes of each of its entries. */
  readonly each?: number
}

const writeHeader = (view: DataView, at: number, section: Section, offset: number, little: boolean): void => {
  const word = (place: number, value: number) => view.setUint32(at + place, value, little)
  const long = (place: number, value: number) => view.setBigUint64(at + place, BigInt(value), little)
  word(0, NAMES.indexOf(`\0${section.name}\0`) + 1)
  word(4, section.type)
  long(8, section.flags ?? 0)
  long(24, offset)
  long(32, section.content.length)
  word(40, section.link ?? 0)
  word(44, section.info ?? 0)
  long(48, 8)
  long(56, section.each ?? 0)
}

/** As scripts/sign-file.c appends it: the signature, which here is none, `struct module_signature` (PKCS#7) and the mark. */
const signatureBytes = (): Uint8Array =>
  Uint8Array.of(
    ...bytesOf(SIGNED),
    ...[0, 0, 2, 0, 0, 0, 0, 0],
    ...[0, 0, 0, SIGNED.length],
    ...bytesOf(SIGNATURE_MARK),
  )

const DESCRIPTION = 'description=Simulated livepatch: it holds no code'

/** The patch that such a file stands for, and the kernel that it was made for; null: it is another file. */
export const simulatedModuleOf = (file: Uint8Array): { name: string; release: string } | null => {
  let text = ''
  for (const byte of file.subarray(0, 4096)) text += String.fromCharCode(byte)
  if (!text.startsWith('\x7fELF') || !text.includes(`\0${DESCRIPTION}`)) return null
  const entry = (key: string) => new RegExp(`\\0${key}=([^\\0 ]*)`).exec(text)?.[1] ?? ''
  return { name: entry('name'), release: entry('vermagic') }
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const padded = (size: number): number => (size + 7) & ~7

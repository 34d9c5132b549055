/** What a module's file says of itself, before any kernel has looked at it. */
export interface ModuleInfo {
  /** The `.modinfo` entries, as modinfo(8) prints them; of one key the first. */
  readonly entries: ReadonlyMap<string, string>
  /** A signature is appended: Documentation/admin-guide/module-signing.rst. Whose it is, the kernel decides. */
  readonly signed: boolean
}

const SIGNED = '~Module signature appended~\n'
const SECTIONS_MAX = 4096
const MODINFO_BYTES_MAX = 64 * 1024

/**
 * Reads `.modinfo` of an ELF file of either class and byte order (elf(5)); null: not an ELF file with such a section.
 * Offsets and sizes come from the file, so each is checked against its end.
 */
export const readModuleInfo = (file: Uint8Array): ModuleInfo | null => {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (file.byteLength < 64 || view.getUint32(0) !== 0x7f_45_4c_46) return null
  const wide = view.getUint8(4) === 2
  const little = view.getUint8(5) === 1
  const word = (at: number) => (wide ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little))
  const tableAt = word(wide ? 40 : 32)
  const entryBytes = view.getUint16(wide ? 58 : 46, little)
  const count = view.getUint16(wide ? 60 : 48, little)
  const namesIndex = view.getUint16(wide ? 62 : 50, little)
  if (entryBytes < (wide ? 64 : 40) || count > SECTIONS_MAX || namesIndex >= count) return null
  if (tableAt + count * entryBytes > file.byteLength) return null
  const section = (index: number): Uint8Array => {
    const at = tableAt + index * entryBytes
    const [from, size] = wide ? [word(at + 24), word(at + 32)] : [word(at + 16), word(at + 20)]
    return from + size > file.byteLength ? new Uint8Array() : file.subarray(from, from + size)
  }
  const names = section(namesIndex)
  for (let index = 0; index < count; index += 1) {
    const nameAt = view.getUint32(tableAt + index * entryBytes, little)
    if (textAt(names, nameAt) !== '.modinfo') continue
    return { entries: entriesOf(section(index).subarray(0, MODINFO_BYTES_MAX)), signed: isSigned(file) }
  }
  return null
}

const textAt = (bytes: Uint8Array, at: number): string => {
  const end = bytes.subarray(at, at + 64).indexOf(0)
  return end === -1 ? '' : Buffer.from(bytes.subarray(at, at + end)).toString('latin1')
}

const entriesOf = (bytes: Uint8Array): Map<string, string> => {
  const entries = new Map<string, string>()
  for (const entry of Buffer.from(bytes).toString('utf8').split('\0')) {
    const cut = entry.indexOf('=')
    if (cut > 0 && !entries.has(entry.slice(0, cut))) entries.set(entry.slice(0, cut), entry.slice(cut + 1))
  }
  return entries
}

const isSigned = (file: Uint8Array): boolean => Buffer.from(file.subarray(-SIGNED.length)).toString('latin1') === SIGNED

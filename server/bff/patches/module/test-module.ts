const SHT_SYMTAB = 2

/** A relocatable 64-bit ELF file with a .modinfo and an empty table of symbols, as small as the format allows: what a livepatch module is to us. */
export const testModule = (
  fields: Readonly<Record<string, string | readonly string[]>> = {},
  options: { bigEndian?: boolean; sections?: readonly string[] } = {},
): Buffer => {
  const { bigEndian = false, sections = ['.modinfo'] } = options
  const info = {
    livepatch: 'Y',
    name: 'lp_fix',
    vermagic: '6.12.1-amd64 SMP preempt mod_unload modversions ',
    depends: '',
    srcversion: 'A0B1C2D3E4F5A6B7C8D9E0F',
    ...fields,
  }
  const modinfo = Buffer.from(
    Object.entries(info)
      .flatMap(([key, value]) => (typeof value === 'string' ? [value] : value).map((one) => `${key}=${one}\0`))
      .join(''),
    'latin1',
  )
  const names = Buffer.from(['', ...sections, '.symtab', '.shstrtab', ''].join('\0'), 'latin1')
  const count = sections.length + 3
  const symbolsAt = 64 + modinfo.length + names.length
  const tableAt = symbolsAt + 24
  const bytes = Buffer.alloc(tableAt + count * 64)
  const u16 = (value: number, at: number) =>
    bigEndian ? bytes.writeUInt16BE(value, at) : bytes.writeUInt16LE(value, at)
  const u32 = (value: number, at: number) =>
    bigEndian ? bytes.writeUInt32BE(value, at) : bytes.writeUInt32LE(value, at)
  const u64 = (value: number, at: number) =>
    bigEndian ? bytes.writeBigUInt64BE(BigInt(value), at) : bytes.writeBigUInt64LE(BigInt(value), at)
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, bigEndian ? 2 : 1, 1])
  u16(1, 16) // ET_REL
  u16(bigEndian ? 22 : 62, 18) // EM_S390, EM_X86_64
  u64(tableAt, 40)
  u16(64, 58)
  u16(count, 60)
  u16(count - 1, 62)
  modinfo.copy(bytes, 64)
  names.copy(bytes, 64 + modinfo.length)
  const section = (index: number, name: number, offset: number, size: number, type = 1) => {
    const at = tableAt + index * 64
    u32(name, at)
    u32(type, at + 4)
    u64(offset, at + 24)
    u64(size, at + 32)
  }
  let name = 1
  for (const [index, text] of sections.entries()) {
    section(index + 1, name, 64, modinfo.length)
    name += text.length + 1
  }
  section(count - 2, name, symbolsAt, 24, SHT_SYMTAB)
  u32(count - 1, tableAt + (count - 2) * 64 + 40) // whose names are
  section(count - 1, name + '.symtab'.length + 1, 64 + modinfo.length, names.length)
  return bytes
}

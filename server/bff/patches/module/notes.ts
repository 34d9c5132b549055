import type { Elf } from './elf.ts'

const NT_GNU_BUILD_ID = 3
const BUILD_ID_BYTES_MAX = 64

/** The build id that the linker gave it (`ld --build-id`; gABI, "Note Section"), in hexadecimal; null: it has none. */
export const readBuildId = (elf: Elf): string | null => {
  for (const section of elf.named('.note.gnu.build-id')) {
    const content = elf.content(section, 'build id')
    if (content.length < 16) continue
    const [nameBytes, bytes, type] = [0, 4, 8].map((at) => elf.numbers.u32(content, at))
    const described = content.subarray(16, 16 + (bytes ?? 0))
    const isGnu = nameBytes === 4 && content.toString('latin1', 12, 16) === 'GNU\0' && type === NT_GNU_BUILD_ID
    if (isGnu && described.length === bytes && bytes > 0 && bytes <= BUILD_ID_BYTES_MAX)
      return described.toString('hex')
  }
  return null
}

import type { KernelFs } from './kernel-fs.ts'

/** include/uapi/linux/elf.h, NT_GNU_BUILD_ID. */
const BUILD_ID_TYPE = 3
/** SHA-1 has 20 bytes, and ld(1) takes any given by hand. */
const BUILD_ID_BYTES_MAX = 64

/**
 * The GNU build id of the running kernel, hex, from /sys/kernel/notes (Documentation/ABI/testing/sysfs-kernel-notes): ELF
 * notes in the machine's byte order, each of name size, description size, type, and both padded to four bytes. Null: none.
 */
export const readBuildId = async (fs: KernelFs): Promise<string | null> => {
  const notes = await fs.readBytes?.('/sys/kernel/notes', 4096)
  return notes?.ok ? (buildIdIn(notes.value, true) ?? buildIdIn(notes.value, false)) : null
}

const padded = (size: number): number => (size + 3) & ~3

const buildIdIn = (notes: Uint8Array, little: boolean): string | null => {
  const view = new DataView(notes.buffer, notes.byteOffset, notes.byteLength)
  for (let at = 0; at + 12 <= notes.length; ) {
    const [nameSize, size, type] = [0, 4, 8].map((offset) => view.getUint32(at + offset, little)) as [
      number,
      number,
      number,
    ]
    const nameAt = at + 12
    const descriptionAt = nameAt + padded(nameSize)
    if (nameSize > notes.length || size > notes.length || descriptionAt + size > notes.length) return null
    const name = Buffer.from(notes.subarray(nameAt, nameAt + nameSize)).toString('latin1')
    if (type === BUILD_ID_TYPE && name === 'GNU\0' && size > 0 && size <= BUILD_ID_BYTES_MAX) {
      return Buffer.from(notes.subarray(descriptionAt, descriptionAt + size)).toString('hex')
    }
    at = descriptionAt + padded(size)
  }
  return null
}

import type { KernelFacts } from '../kernel/kernel-facts.ts'
import type { FleetPatch } from './patch-images.ts'

/** EM_X86_64, EM_PPC64, EM_AARCH64, EM_S390: elf(5). */
const MACHINES: Readonly<Record<KernelFacts['architecture'], readonly [machine: number, little: boolean]>> = {
  ...{ x86_64: [62, true], ppc64le: [21, true], aarch64: [183, true], s390x: [22, false] },
}
const HEADER_BYTES = 64
const SECTION_BYTES = 64
const NAMES = '\0.modinfo\0.shstrtab\0'
const SIGNATURE = 'simulated signature~Module signature appended~\n'

/**
 * A file that stands for a published livepatch: an ELF file that says of itself what the module would say, and that it is
 * simulated, and holds no code. A simulated kernel takes it for the patch of that name; a real one refuses it (ENOEXEC).
 */
export const simulatedModule = (
  { image }: FleetPatch,
  { release, architecture }: Pick<KernelFacts, 'release' | 'architecture'>,
): Uint8Array => {
  const [machine, little] = MACHINES[architecture]
  const info = bytesOf(
    [
      ...['livepatch=Y', `name=${image.name}`, `vermagic=${release} SMP mod_unload modversions `, 'depends='],
      ...[`srcversion=${image.srcversion ?? ''}`, 'license=GPL', DESCRIPTION],
    ]
      .join('\0')
      .concat('\0'),
  )
  const names = bytesOf(NAMES)
  const signature = bytesOf(image.signed ? SIGNATURE : '')
  const tableAt = HEADER_BYTES + padded(info.length + names.length)
  const file = new Uint8Array(tableAt + 3 * SECTION_BYTES + signature.length)
  const view = new DataView(file.buffer)
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, little ? 1 : 2, 1])
  view.setUint16(16, 1, little) // relocatable
  view.setUint16(18, machine, little)
  view.setUint32(20, 1, little)
  view.setBigUint64(40, BigInt(tableAt), little)
  for (const [at, value] of [
    [52, HEADER_BYTES],
    [58, SECTION_BYTES],
    [60, 3],
    [62, 2],
  ] as const) {
    view.setUint16(at, value, little)
  }
  file.set(info, HEADER_BYTES)
  file.set(names, HEADER_BYTES + info.length)
  const section = (index: number, name: string, type: number, offset: number, size: number) => {
    const at = tableAt + index * SECTION_BYTES
    view.setUint32(at, NAMES.indexOf(name), little)
    view.setUint32(at + 4, type, little)
    view.setBigUint64(at + 24, BigInt(offset), little)
    view.setBigUint64(at + 32, BigInt(size), little)
  }
  section(1, '.modinfo', 1, HEADER_BYTES, info.length)
  section(2, '.shstrtab', 3, HEADER_BYTES + info.length, names.length)
  file.set(signature, tableAt + 3 * SECTION_BYTES)
  return file
}

const DESCRIPTION = 'description=Simulated livepatch: it holds no code'

/** The patch that such a file stands for, and the kernel that it was made for; null: it is another file. */
export const simulatedModuleOf = (file: Uint8Array): { name: string; release: string } | null => {
  let text = ''
  for (const byte of file.subarray(0, 4096)) text += String.fromCharCode(byte)
  if (!text.startsWith('\x7fELF') || !text.includes(`\0${DESCRIPTION}\0`)) return null
  const entry = (key: string) => new RegExp(`\\0${key}=([^\\0 ]*)`).exec(text)?.[1] ?? ''
  return { name: entry('name'), release: entry('vermagic') }
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const padded = (size: number): number => (size + 7) & ~7

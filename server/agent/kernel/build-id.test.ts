// Goal: the build of the running kernel is told from its notes, and bytes that are none are not taken for one. Method:
// notes put together by hand in either byte order, cut and altered ones, and the running kernel's own where it can be read.
import { expect, test } from 'vitest'
import { readBuildId } from './build-id.ts'
import type { KernelFs } from './kernel-fs.ts'
import { createLinuxKernelFs } from './linux-kernel-fs.ts'

const ID = 'deadbeef00112233445566778899aabbccddeeff'

const note = (name: string, type: number, description: Buffer, little = true): Buffer => {
  const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)])
  const head = Buffer.alloc(12)
  for (const [index, word] of [name.length, description.length, type].entries()) {
    if (little) head.writeUInt32LE(word, index * 4)
    else head.writeUInt32BE(word, index * 4)
  }
  return Buffer.concat([head, padded(Buffer.from(name, 'latin1')), padded(description)])
}

const read = (bytes: Buffer | null): Promise<string | null> =>
  readBuildId({
    readBytes: async () => (bytes === null ? { ok: false, errno: 'EACCES' } : { ok: true, value: bytes }),
  } as unknown as KernelFs)

test.each([true, false])('the build id behind other notes, little-endian: %s', async (little) => {
  const xen = note('Xen\0', 6, Buffer.from('linux\0'), little)
  expect(await read(Buffer.concat([xen, note('GNU\0', 3, Buffer.from(ID, 'hex'), little)]))).toBe(ID)
})

test.each<[string, Buffer | null]>([
  ['no file', null],
  ['an empty one', Buffer.alloc(0)],
  ['other notes alone', note('Linux\0', 3, Buffer.from(ID, 'hex'))],
  ['an empty id', note('GNU\0', 3, Buffer.alloc(0))],
  ['an id longer than any', note('GNU\0', 3, Buffer.alloc(65, 1))],
  ['one that is cut', note('GNU\0', 3, Buffer.from(ID, 'hex')).subarray(0, -1)],
  ['a size beyond the end', Buffer.alloc(64, 0xff)],
])('none: %s', async (_name, bytes) => {
  expect(await read(bytes)).toBeNull()
})

const own = await createLinuxKernelFs().readBytes?.('/sys/kernel/notes')
const ownHex = own?.ok ? Buffer.from(own.value).toString('hex') : ''
/** The end of a note's head, and its name: type 3, GNU. */
test.runIf(ownHex.includes('03000000474e5500'))('as this machine says of its own kernel', async () => {
  const id = await readBuildId(createLinuxKernelFs())
  expect(ownHex).toContain(`03000000474e5500${id}`)
})

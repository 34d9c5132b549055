// Goal: what a module says of itself is read of any ELF class and byte order, and a file that lies about its own layout is no
// module (T14, T24). Method: files that stand for published livepatches, on each architecture, and mutations of them.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { patchesFor } from '../../sim/fleet/patch-images.ts'
import { simulatedModule, simulatedModuleOf } from '../../sim/fleet/simulated-module.ts'
import { readModuleInfo } from './module-info.ts'

const RELEASE = '6.4.0-150600.23.7-default'
const [patch] = patchesFor(RELEASE, 'x86_64')
if (patch === undefined) throw new Error('no patch')

test.each(['x86_64', 'ppc64le', 'aarch64', 's390x'] as const)('%s', (architecture) => {
  const file = simulatedModule(patch, { release: RELEASE, architecture })
  const info = readModuleInfo(file)
  expect(info?.signed).toBe(true)
  expect(info?.entries.get('livepatch')).toBe('Y')
  expect(info?.entries.get('name')).toBe(patch.image.name)
  expect(info?.entries.get('vermagic')).toMatch(new RegExp(`^${RELEASE} SMP`))
  expect(info?.entries.get('srcversion')).toBe(patch.image.srcversion)
  expect(simulatedModuleOf(file)).toEqual({ name: patch.image.name, release: RELEASE })
})

test('32 bits, as of an older machine', () => {
  const modinfo = Buffer.from('livepatch=Y\0name=old\0')
  const names = Buffer.from('\0.modinfo\0.shstrtab\0')
  const file = Buffer.alloc(52 + modinfo.length + names.length + 3 * 40 + 64)
  const tableAt = 52 + modinfo.length + names.length
  file.set([0x7f, 0x45, 0x4c, 0x46, 1, 2, 1])
  file.writeUInt32BE(tableAt, 32)
  file.writeUInt16BE(40, 46)
  file.writeUInt16BE(3, 48)
  file.writeUInt16BE(2, 50)
  modinfo.copy(file, 52)
  names.copy(file, 52 + modinfo.length)
  const section = (index: number, name: number, at: number, size: number) => {
    file.writeUInt32BE(name, tableAt + index * 40)
    file.writeUInt32BE(at, tableAt + index * 40 + 16)
    file.writeUInt32BE(size, tableAt + index * 40 + 20)
  }
  section(1, 1, 52, modinfo.length)
  section(2, 10, 52 + modinfo.length, names.length)
  expect(readModuleInfo(file)?.entries.get('name')).toBe('old')
})

test('T14 any file at all: an answer, and never more than the file holds', () => {
  const whole = simulatedModule(patch, { release: RELEASE, architecture: 'x86_64' })
  const mutated = fc
    .tuple(fc.nat(whole.length), fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }))
    .map(([length, changes]) => {
      const file = Uint8Array.from(whole)
      for (const [at, value] of changes) file[at] = value
      return file.subarray(0, length)
    })
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), (file) => {
      const info = readModuleInfo(file)
      for (const [key, value] of info?.entries ?? [])
        expect(key.length + value.length).toBeLessThanOrEqual(file.length * 3)
    }),
    { numRuns: 3_000 },
  )
})

test('T14 sections beyond the end, and 2^32 of them', () => {
  const file = simulatedModule(patch, { release: RELEASE, architecture: 'x86_64' })
  const view = new DataView(file.buffer)
  view.setUint16(60, 0xff_ff, true)
  expect(readModuleInfo(file)).toBeNull()
  view.setUint16(60, 3, true)
  view.setBigUint64(40, 2n ** 63n, true)
  expect(readModuleInfo(file)).toBeNull()
})

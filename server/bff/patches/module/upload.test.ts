// Goal: of an uploaded module what it says of itself, or a refusal that says why, and nothing left on the disk of one
// that is refused. Method: ELF files made by hand, each wrong in one way; fuzz.test.ts damages whole ones at random.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ARTEFACT_BYTES_MAX, type ArtefactFiles, openArtefactFiles } from '../artefact-files.ts'
import { moduleFileOf } from './module-file.ts'
import { readModule } from './read-module.ts'
import { testModule } from './test-module.ts'

let folder: string
let files: ArtefactFiles
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-artefacts-'))
  files = await openArtefactFiles(folder)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function* inPieces(bytes: Buffer, size = 100): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const keep = (bytes: Buffer) =>
  files.keep(inPieces(bytes), async (artefact, publish) => {
    await publish()
    return artefact
  })
const changed = (change: (bytes: Buffer) => void): Buffer => {
  const bytes = testModule()
  change(bytes)
  return bytes
}
const left = () => readdir(path.join(folder, 'artefacts'))

test.each([false, true])(
  'big endian %s: name, kernel and dependencies are read, the file bears its hash',
  async (bigEndian) => {
    const { sha256, size, facts } = await keep(testModule({ depends: 'nfs,nfsd', version: '3' }, { bigEndian }))
    expect(facts).toMatchObject({
      name: 'lp_fix',
      vermagic: '6.12.1-amd64 SMP preempt mod_unload modversions ',
      version: '3',
      srcversion: 'A0B1C2D3E4F5A6B7C8D9E0F',
      depends: ['nfs', 'nfsd'],
      ...{ architecture: bigEndian ? 's390x' : 'x86_64', maker: 'unknown', objects: null, modversions: false },
    })
    expect(await left()).toEqual([`${sha256}.ko`])
    const file = await stat(path.join(folder, 'artefacts', `${sha256}.ko`))
    expect([file.size, file.mode & 0o777]).toEqual([size, 0o600])
  },
)

describe('T14 what is no livepatch module is refused, and nothing of it stays', () => {
  test.each<[string, Buffer, RegExp]>([
    ['nothing', Buffer.alloc(0), /no ELF file/],
    ['text', Buffer.from('x'.repeat(200)), /no ELF file/],
    ['of 32 bits', changed((bytes) => bytes.writeUInt8(1, 4)), /64-bit/],
    ['a program', changed((bytes) => bytes.writeUInt16LE(2, 16)), /not relocatable/],
    ['other section headers', changed((bytes) => bytes.writeUInt16LE(40, 58)), /another size/],
    ['cut', testModule().subarray(0, 300), /cut or damaged/],
    ['2³² sections', changed((bytes) => cutCount(bytes, 2n ** 32n)), /more sections/],
    ['sections behind the end', changed((bytes) => bytes.writeBigUInt64LE(2n ** 63n, 40)), /cut or damaged/],
    ['names elsewhere', changed((bytes) => bytes.writeUInt16LE(60_000, 62)), /what its sections are called/],
    ['no .modinfo', testModule({}, { sections: ['.text'] }), /exactly one section .modinfo/],
    ['two of them', testModule({}, { sections: ['.modinfo', '.modinfo'] }), /exactly one section .modinfo/],
    ['a plain module', testModule({ livepatch: [] }), /mark of a livepatch/],
    ['two names', testModule({ name: ['lp_fix', 'lp_other'] }), /name twice/],
    ['a name with a slash', testModule({ name: '../x' }), /none that a module can have/],
    ['a long name', testModule({ name: 'x'.repeat(56) }), /no plain text/],
    ['no name', testModule({ name: [] }), /none that a module can have/],
    ['a vermagic with an escape', testModule({ vermagic: '6.12\x1b[2J' }), /no plain text/],
    ['no vermagic', testModule({ vermagic: [] }), /for which kernel/],
    ['odd dependencies', testModule({ depends: 'nfs,$(x)' }), /no module’s name/],
    ['names without an end', withoutZeros('.modinfo\0.symtab\0.shstrtab\0'), /exactly one section .modinfo/],
    ['a .modinfo without an end', withoutZeros('A0B1C2D3E4F5A6B7C8D9E0F\0'), /has no end/],
    ['nothing in .modinfo', changed((bytes) => sectionField(bytes, 1, 32, 0n)), /has no end/],
    ['.modinfo over the header', changed((bytes) => sectionField(bytes, 1, 24, 0n)), /mark of a livepatch|no end/],
    ['.modinfo over the section headers', changed(overTable), /mark of a livepatch|no end/],
    ['.modinfo over the end', changed((bytes) => sectionField(bytes, 1, 32, 60_000n)), /cut or damaged/],
    ['.modinfo at 2⁶⁴ - 1', changed((bytes) => sectionField(bytes, 1, 24, 2n ** 64n - 1n)), /cut or damaged/],
    ['a .modinfo of a megabyte', testModule({ x: 'y'.repeat(1024 * 1024) }), /larger than any module’s/],
    ['a .modinfo that takes no room', changed((bytes) => sectionType(bytes, 1, 8)), /exactly one section .modinfo/],
    ['for another machine', changed((bytes) => bytes.writeUInt16LE(40, 18)), /none of the machines/],
    ['of the other byte order', changed((bytes) => bytes.writeUInt16LE(22, 18)), /none of the machines/],
    ['without symbols', changed((bytes) => sectionType(bytes, 2, 1)), /one table of symbols/],
    ['two tables of symbols', changed((bytes) => sectionType(bytes, 3, 2)), /one table of symbols/],
    ['five million symbols', changed((bytes) => sectionField(bytes, 2, 32, 120_000_000n)), /more symbols/],
    ['symbols over the end', changed((bytes) => sectionField(bytes, 2, 32, 60_000n)), /cut or damaged/],
    ['symbols whose names are in no section', changed((bytes) => sectionLink(bytes, 2, 77)), /no names/],
  ])('%s', (_what, bytes, reason) => {
    // In this thread: to start one for each would take most of the time.
    const refusal = expect.objectContaining({ code: 'artefact_refused', detail: expect.stringMatching(reason) })
    expect(() => readModule(moduleFileOf(bytes))).toThrow(refusal)
  })

  test.each([
    ['text', Buffer.from('x'.repeat(200))],
    ['a plain module', testModule({ livepatch: [] })],
  ])('and nothing is left of %s', async (_what, bytes) => {
    await expect(keep(bytes)).rejects.toMatchObject({ code: 'artefact_refused' })
    expect(await left()).toEqual([])
  })

  test('a hundred thousand sections whose names have no end do not hold the program up', async () => {
    const bytes = Buffer.alloc(64 + 8 * 1024 * 1024 + 100_000 * 64, 'x')
    testModule().copy(bytes, 0, 0, 64)
    const tableAt = 64 + 8 * 1024 * 1024
    bytes.fill(0, tableAt)
    bytes.writeBigUInt64LE(BigInt(tableAt), 40)
    bytes.writeUInt16LE(0, 60)
    bytes.writeUInt16LE(1, 62)
    sectionField(bytes, 0, 32, 100_000n)
    sectionField(bytes, 1, 24, 64n)
    sectionField(bytes, 1, 32, BigInt(tableAt - 64))
    const refusal = files.keep(inPieces(bytes, 1024 * 1024), neverRecorded)
    await expect(refusal).rejects.toMatchObject({ code: 'artefact_refused' })
    expect(await left()).toEqual([])
  })

  test('one that could not be recorded', async () => {
    await expect(files.keep(inPieces(testModule()), neverRecorded)).rejects.toThrow('recorded')
    expect(await left()).toEqual([])
  })

  test('one byte over 64 MiB, however it comes, is stopped on its way', async () => {
    const piece = Buffer.alloc(1024 * 1024)
    let given = 0
    async function* endless(): AsyncGenerator<Buffer> {
      for (;;) {
        given += piece.length
        yield piece
      }
    }
    await expect(files.keep(endless(), neverRecorded)).rejects.toMatchObject({ code: 'body_too_large' })
    expect(given).toBe(ARTEFACT_BYTES_MAX + piece.length)
    expect(await left()).toEqual([])
  })

  test('an upload that breaks off', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield testModule().subarray(0, 100)
      throw new Error('aborted')
    }
    await expect(files.keep(broken(), neverRecorded)).rejects.toThrow('aborted')
    expect(await left()).toEqual([])
  })
})

const neverRecorded = async () => {
  throw new Error('this must not be recorded')
}

/** The module with another letter for each zero of `text`, which it holds. */
function withoutZeros(text: string): Buffer {
  return changed((bytes) => {
    const at = bytes.indexOf(text)
    for (let byte = at; byte < at + text.length; byte += 1) if (bytes[byte] === 0) bytes.writeUInt8(0x78, byte)
  })
}

/** Offset (24) or size (32) in the header of one section. */
function sectionField(bytes: Buffer, index: number, field: 24 | 32, value: bigint): void {
  bytes.writeBigUInt64LE(value, Number(bytes.readBigUInt64LE(40)) + index * 64 + field)
}
function sectionType(bytes: Buffer, index: number, type: number): void {
  bytes.writeUInt32LE(type, Number(bytes.readBigUInt64LE(40)) + index * 64 + 4)
}
function sectionLink(bytes: Buffer, index: number, link: number): void {
  bytes.writeUInt32LE(link, Number(bytes.readBigUInt64LE(40)) + index * 64 + 40)
}
function overTable(bytes: Buffer): void {
  sectionField(bytes, 1, 24, bytes.readBigUInt64LE(40))
}

const cutCount = (bytes: Buffer, count: bigint): void => {
  bytes.writeUInt16LE(0, 60)
  bytes.writeBigUInt64LE(count, Number(bytes.readBigUInt64LE(40)) + 32)
}

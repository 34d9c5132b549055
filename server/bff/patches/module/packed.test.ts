// Goal: a packed module or package is the module in it, under the module's own hash; what is cut, damaged, mislabelled, a
// bomb or holds no one livepatch is refused with what to do, and nothing stays (T14). Method: files that xz, zstd, gzip,
// dpkg-deb and rpmbuild made, whole and damaged; bombs and hostile archives made here.
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openArtefactFiles } from '../artefact-files.ts'
import { readUpload } from './read-upload.ts'
import { BUILT_FOLDER, builtModule } from './test-built.ts'
import { readUploadApart } from './upload-reader.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-packed-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const packed = (name: string) => readFile(path.join(BUILT_FOLDER, 'packed', name))
const keep = async (bytes: Buffer) => {
  const files = await openArtefactFiles(folder)
  const once = async function* () {
    yield bytes
  }
  return await files.keep(once(), async (artefact, publish) => {
    await publish()
    return artefact
  })
}
const left = () => readdir(path.join(folder, 'artefacts'))
/** In this thread, since to start one for each costs most of the time. */
const expectRefusal = async (bytes: Buffer, reason: RegExp) => {
  const upload = path.join(folder, 'upload')
  await writeFile(upload, bytes)
  const work = await mkdtemp(path.join(folder, 'work-'))
  const refusal = await readUpload(upload, work).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(DomainError)
  expect(refusal).toMatchObject({ code: 'artefact_refused', detail: expect.stringMatching(reason) })
}

const module = builtModule('6.12/lpi_plain')
const sha256 = createHash('sha256').update(module).digest('hex')

describe('T14 the module in it', () => {
  test.each([
    ...['lpi_plain.ko.gz', 'lpi_plain.ko.xz', 'lpi_plain.ko.zst'],
    ...['gzip.deb', 'xz.deb', 'zstd.deb', 'none.deb', 'inside-xz.deb', 'beside-another.deb'],
    ...['gzip.rpm', 'xz.rpm', 'zstd.rpm', 'inside-xz.rpm'],
  ])('%s', async (name) => {
    expect(await keep(await packed(name))).toMatchObject({ sha256, size: module.length, facts: { name: 'lpi_plain' } })
    expect(await left()).toEqual([`${sha256}.ko`])
    expect(await readFile(path.join(folder, 'artefacts', `${sha256}.ko`))).toEqual(module)
  })
})

describe('T14 what is no one livepatch is refused, and nothing of it stays', () => {
  test('modules for two kernels: which, and what to do', async () => {
    const both =
      /2 livepatch modules: lpi_plain-6.1.ko for 6.1.0-56-cloud-amd64, lpi_plain-6.12.ko for 6.12.117\+deb12-cloud-amd64. Unpack it/
    await expectRefusal(await packed('two.rpm'), both)
  })
  test('a module that is no livepatch', async () =>
    expectRefusal(await packed('no-livepatch.deb'), /holds no livepatch/))
  test('packed by bzip2', async () => expectRefusal(await packed('bzip2.rpm'), /not read here: unpack it/))
  test('a zip', () => expectRefusal(Buffer.from('PK\x03\x04 and so on', 'latin1'), /not read here: unpack it/))
  test('packed twice', () => expectRefusal(gzipSync(gzipSync(module)), /no ELF file/))
  test('text under a mask', () => expectRefusal(gzipSync('x'.repeat(1000)), /no ELF file/))

  test.each([
    'lpi_plain.ko.gz',
    'lpi_plain.ko.xz',
    'lpi_plain.ko.zst',
    'xz.deb',
    'zstd.deb',
    'gzip.rpm',
    'xz.rpm',
    'zstd.rpm',
  ])('%s, cut and with a bit turned', async (name) => {
    const bytes = await packed(name)
    await expectRefusal(bytes.subarray(0, bytes.length - 20), /cut|damaged/)
    const turned = Buffer.from(bytes)
    turned[turned.length - 200] = (turned[turned.length - 200] ?? 0) ^ 0x10
    await expectRefusal(turned, /cut|damaged/)
  })
})

describe('T14 bombs stop at 64 MiB', () => {
  const zeros = Buffer.alloc(96 * 1024 * 1024)

  test('gzip', () => expectRefusal(gzipSync(zeros), /more than 67108864 bytes/))
  test('a package', () =>
    expectRefusal(debOf('data.tar.gz', gzipSync(tarOf('a.ko', zeros))), /more than 67108864 bytes/))
  test('packed in a package: both layers count', async () => {
    const half = gzipSync(zeros.subarray(0, 60 * 1024 * 1024))
    const padding = tarOf('padding', Buffer.alloc(8 * 1024 * 1024))
    const tar = Buffer.concat([padding.subarray(0, -1024), tarOf('a.ko.gz', half)])
    await expectRefusal(debOf('data.tar.gz', gzipSync(tar)), /more than 67108864 bytes/)
  })
  test('and nothing of one is left', async () => {
    const bomb = debOf('data.tar.gz', gzipSync(tarOf('a.ko', zeros)))
    await expect(keep(bomb)).rejects.toMatchObject({ code: 'artefact_refused' })
    expect(await left()).toEqual([])
  })
  test('what takes too long is killed', async () => {
    const upload = path.join(folder, 'upload')
    await writeFile(upload, gzipSync(zeros))
    const refusal = await readUploadApart({ upload, folder }, 1).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(DomainError)
    expect(refusal).toMatchObject({ code: 'artefact_refused', detail: expect.stringContaining('takes longer') })
  })
})

describe('T14 archives that lie', () => {
  test.each<[string, () => Buffer, RegExp]>([
    ['an ar without a data.tar', () => debOf('other.tar', Buffer.alloc(10)), /ends too early/],
    ['an ar with a size that is no number', () => debOf('data.tar', Buffer.alloc(10), '-1'), /ar’s headers/],
    [
      'an ar that says more than there is',
      () => debOf('data.tar', tarOf('a.txt', Buffer.alloc(10)), '9999999'),
      /ends too early/,
    ],
    [
      'a member that says more than there is',
      () => debOf('data.tar', tarOf('a.ko', Buffer.alloc(10), 77777777)),
      /ends too early/,
    ],
    ['a tar that is none', () => debOf('data.tar', Buffer.alloc(2048, 'x')), /tar’s headers/],
    ['a name without an end', () => debOf('data.tar', tarOf('n', Buffer.alloc(5000), 5000, 'L')), /longer than any/],
    ['a hundred modules and more', () => debOf('data.tar', manyModules(201)), /whole kernel’s modules/],
    [
      'an rpm without headers',
      () => Buffer.concat([Buffer.from('edabeedb', 'hex'), Buffer.alloc(500)]),
      /rpm’s headers/,
    ],
    ['an rpm whose header never ends', () => rpmOf(Buffer.alloc(0), 0xffff_ffff), /ends too early/],
    ['an rpm whose cpio is none', () => rpmOf(Buffer.alloc(500, 'x')), /cpio’s headers/],
    [
      'an rpm with a name of 4 GiB',
      () => rpmOf(Buffer.from(`070701${'0'.repeat(88)}ffffffff${'0'.repeat(8)}`)),
      /longer than any/,
    ],
  ])('%s', (_what, make, reason) => expectRefusal(make(), reason))

  test('a name that climbs out of the folder writes nothing there', async () => {
    await keep(debOf('data.tar', tarOf('../../../../climbed.ko', module)))
    expect(await left()).toEqual([`${sha256}.ko`])
    expect(await readdir(folder)).toEqual(['artefacts'])
  })
})

/** deb(5): an ar with the two members that matter; `size` lies about the second. */
function debOf(name: string, content: Buffer, size = String(content.length)): Buffer {
  const header = (member: string, bytes: string) =>
    Buffer.from(
      `${member.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${bytes.padEnd(10)}\`\n`,
    )
  const padding = Buffer.alloc(content.length % 2, '\n')
  return Buffer.concat([
    Buffer.from('!<arch>\n'),
    header('debian-binary', '4'),
    Buffer.from('2.0\n'),
    header(name, size),
    content,
    padding,
  ])
}

/** tar(5): one member and the end. */
function tarOf(name: string, content: Buffer, size = content.length, type = '0'): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write('0000644\0', 100)
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  header.write(type, 156)
  header.write('ustar\x0000', 257)
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512), Buffer.alloc(1024)])
}

function manyModules(count: number): Buffer {
  const other = tarOf('a.ko', builtModule('6.12/lpi_plain')).subarray(0, -1024)
  return Buffer.concat([...Array.from({ length: count }, () => other), Buffer.alloc(1024)])
}

/** rpm's format_v4: lead, an empty header for the signature, one of `headerBytes`, and the payload. */
function rpmOf(payload: Buffer, headerBytes = 0): Buffer {
  const header = (bytes: number) => {
    const intro = Buffer.alloc(16)
    intro.write('8eade801', 'hex')
    intro.writeUInt32BE(bytes, 12)
    return intro
  }
  const lead = Buffer.alloc(96)
  lead.write('edabeedb', 'hex')
  return Buffer.concat([lead, header(0), header(headerBytes), payload])
}

// Goal: an archive says what its documents say, and one that is broken, too large or made to hurt is refused whole. Method: archives made
// by tar-stream and by Python's zipfile, read by the real reader.

import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { openArchive } from './archive.ts'
import { FeedFileError } from './feed-files.ts'
import { DYAD, tarOf } from './test-feeds.ts'

/** By Python's zipfile: README, and cve/published/2022/CVE-2022-0847.dyad with two pairs, both deflated. */
const ZIP = Buffer.from(
  [
    'UEsDBBQAAAAIAAAAdF2rITEfEAAAAA4AAAATAAAAdnVsbnMtbWFzdGVyL1JFQURNRcvLL1FIVEjJTy7NTc0rAQBQSwMEFAAAAAgAAAB0XUz9MV',
    'N9AAAA0AAAADIAAAB2dWxucy1tYXN0ZXIvY3ZlL3B1Ymxpc2hlZC8yMDIyL0NWRS0yMDIyLTA4NDcuZHlhZJWMOwpCMRAA+3eKB/Zhs9lvbpNk',
    'N2CjoCB4e98VhGGKKeZ2xnfE+cnX+/589LMWLHBwsb4lwpXZ2gxbCWYEIGQ73Koniddlzta5VLjAPq+8dOzh6BommJeIWkIVEmrTFRnG/Huv3Q',
    'Ox1cWhlLVNHMAkO1O0aSYRCVR1aMcPUEsBAhQDFAAAAAgAAAB0XashMR8QAAAADgAAABMAAAAAAAAAAAAAAIABAAAAAHZ1bG5zLW1hc3Rlci9S',
    'RUFETUVQSwECFAMUAAAACAAAAHRdTP0xU30AAADQAAAAMgAAAAAAAAAAAAAAgAFBAAAAdnVsbnMtbWFzdGVyL2N2ZS9wdWJsaXNoZWQvMjAyMi',
    '9DVkUtMjAyMi0wODQ3LmR5YWRQSwUGAAAAAAIAAgChAAAADgEAAAAA',
  ].join(''),
  'base64',
)
const VULNS: Parameters<typeof tarOf>[0] = [
  ['vulns-master/README', 'not a document'],
  ['vulns-master/cve/published/2022/CVE-2022-0847.dyad', DYAD],
  { name: 'vulns-master/cve/published/2022/CVE-2022-9999.dyad', type: 'symlink', linkname: '/etc/passwd' },
]

const isDyad = (name: string) => name.endsWith('.dyad')
const all = async (bytes: Uint8Array, limits?: Parameters<typeof openArchive>[2]) => {
  const archive = await openArchive(bytes, isDyad, limits)
  if (archive === null) return null
  const found: [string, number][] = []
  for await (const { name, bytes } of archive) found.push([name, bytes.length])
  return found
}
const refusal = (bytes: Uint8Array, limits?: Parameters<typeof openArchive>[2]) =>
  all(bytes, limits).then(
    (found) => `read: ${JSON.stringify(found)}`,
    (error: unknown) => (error instanceof FeedFileError ? error.message : `not a sentence: ${error}`),
  )
const DAMAGED = 'The archive is cut or damaged, or unpacks to more than any feed has.'

test('a tar, packed or not, and a zip are told by their bytes; a document is none', async () => {
  const found = [['vulns-master/cve/published/2022/CVE-2022-0847.dyad', DYAD.length]]
  const tar = await tarOf(VULNS)
  expect(await all(tar)).toEqual(found)
  expect(await all(gzipSync(tar))).toEqual(found)
  expect((await all(ZIP))?.map(([name]) => name)).toEqual([found[0]?.[0]])
  expect(await all(Buffer.from(DYAD))).toBeNull()
  expect(await all(gzipSync(DYAD))).toBeNull()
  expect(await all(Buffer.from('PK is how this text begins'))).toBeNull()
  expect(await all(Buffer.alloc(0))).toBeNull()
})

describe('what is broken or made to hurt is refused in a sentence', () => {
  test('an archive that is cut anywhere behind its beginning', async () => {
    const tar = await tarOf(VULNS)
    const packed = gzipSync(tar)
    for (const cut of [700, 1_100, 1_300, 1_536]) expect(await refusal(tar.subarray(0, cut))).toBe(DAMAGED)
    expect(await refusal(packed.subarray(0, packed.length - 12))).toBe(DAMAGED)
    for (const cut of [30, 200, ZIP.length - 1]) expect(await refusal(ZIP.subarray(0, cut))).toBe(DAMAGED)
  })
  test('a zip whose bytes are another than its sum or its size says', async () => {
    const broken = Buffer.from(ZIP)
    const at = broken.indexOf('.dyad') + 20
    broken.fill(0xff, at, at + 8)
    expect(await refusal(broken)).toBe(DAMAGED)
  })
  test('T12 a zip with a name that leads out', async () => {
    const name = Buffer.from('vulns-master/README')
    const out = Buffer.from('../../../etc/passwd')
    expect(out.length).toBe(name.length)
    const hostile = Buffer.from(ZIP)
    for (let at = hostile.indexOf(name); at >= 0; at = hostile.indexOf(name, at)) out.copy(hostile, at)
    expect(await refusal(hostile)).toBe(DAMAGED)
  })
  test('more files, or more bytes, than any feed has', async () => {
    const tar = await tarOf(VULNS)
    expect(await refusal(tar, { entries: 2, unpackedBytes: 1e6 })).toBe('The archive has more than 2 files.')
    expect(await refusal(ZIP, { entries: 1, unpackedBytes: 1e6 })).toBe('The archive has more than 1 files.')
    expect(await refusal(ZIP, { entries: 9, unpackedBytes: 100 })).toBe(DAMAGED)
    const bomb = gzipSync(await tarOf([['a.dyad', ' '.repeat(4_000_000)]]))
    expect(bomb.length).toBeLessThan(10_000)
    expect(await refusal(bomb, { entries: 9, unpackedBytes: 1e6 })).toBe(DAMAGED)
  })
})

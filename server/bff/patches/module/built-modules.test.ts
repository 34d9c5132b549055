// Goal: a module says what its source says, to the letter, whoever made its tables and for whichever machine. Method:
// modules that compilers built, of which the sources stand beside them; one thing of one damaged where it must not be read.
import { describe, expect, test } from 'vitest'
import { moduleFileOf } from './module-file.ts'
import { readModule } from './read-module.ts'
import { builtModule } from './test-built.ts'
import { EXPECTED } from './test-expected.ts'

const read = (bytes: Buffer) => readModule(moduleFileOf(bytes))
const RELEASES = { '6.1': '6.1.0-56-cloud-amd64', '6.12': '6.12.117+deb12-cloud-amd64' }

describe.each(Object.entries(RELEASES))('Linux %s', (series, release) => {
  test.each(EXPECTED)('$name', (expected) => {
    const { vermagic, buildId, srcversion, ...facts } = read(builtModule(`${series}/${expected.name}`))
    expect(facts).toEqual({ ...expected, release, architecture: 'x86_64', modversions: true })
    expect(vermagic).toBe(`${release} SMP preempt mod_unload modversions `)
    expect(buildId).toMatch(/^[0-9a-f]{40}$/)
    // kbuild works it out only for a module with a version (CONFIG_MODULE_SRCVERSION_ALL is off).
    expect(srcversion).toBe(expected.version === null ? null : 'E3164DC861BA22686390296')
  })
})

test.each([
  ['x86_64', 'x86_64'],
  ['aarch64', 'aarch64'],
  ['powerpc64le', 'ppc64le'],
  ['s390x', 's390x'],
])('tables of other lengths, for %s', (compiler, architecture) => {
  expect(read(builtModule(`machines/${compiler}`))).toMatchObject({
    ...{ name: 'lpi_without_kernel', architecture, maker: 'source', unread: null, replace: true },
    ...{ states: [{ id: '513', version: 2 }], shadowVariables: ['klp_shadow_free_all'], modversions: false },
    objects: [
      {
        name: null,
        functions: [
          { name: 'first', sympos: 0, replacement: 'livepatch_first' },
          { name: 'second', sympos: 258, replacement: 'livepatch_second' },
        ],
        callbacks: ['post_patch'],
      },
      { name: 'ext4', functions: [{ name: 'second', sympos: 0, replacement: 'livepatch_second' }], callbacks: [] },
    ],
  })
})

test('without tables, the symbols that livepatch resolves name the objects', () => {
  expect(read(builtModule('machines/livepatch-symbols'))).toMatchObject({
    ...{ name: 'lpi_at_load', objects: null, maker: 'unknown' },
    unread: expect.stringMatching(/loaded\. It uses symbols of nf_tables, vmlinux\.$/),
  })
})

describe('signatures', () => {
  test('by the name of the certificate', () => {
    const signature = { signer: 'Livepatches to be read', keyId: '1f2e3d', hash: 'sha512', algorithm: 'rsa' }
    expect(read(builtModule('signed/by-issuer')).signature).toEqual(signature)
  })
  test('by the key’s id', () => {
    const keyId = 'e7d2353efba5a8ee4b52c4df1fef744f58db6cef'
    const signature = { signer: null, keyId, hash: 'sha512', algorithm: 'rsa' }
    expect(read(builtModule('signed/by-key-id')).signature).toEqual(signature)
  })
  test('a name with what no database keeps', () => {
    const bytes = builtModule('signed/by-issuer')
    bytes[bytes.lastIndexOf('Livepatches to be read') + 4] = 0
    expect(read(bytes).signature?.signer).toBe('Live\ufffdatches to be read')
  })
  test('one that is no CMS is a signature of which nothing is known', () => {
    const bytes = builtModule('signed/by-issuer')
    bytes.fill(0xff, bytes.length - 200, bytes.length - 60)
    bytes.fill(0xff, bytes.length - 40 - bytes.readUInt32BE(bytes.length - 32), bytes.length - 60)
    expect(read(bytes).signature).toEqual({ signer: null, keyId: null, hash: null, algorithm: null })
  })
  test('one that is longer than the file is refused', () => {
    const bytes = builtModule('signed/by-issuer')
    bytes.writeUInt32BE(bytes.length, bytes.length - 32)
    expect(() => read(bytes)).toThrow(/signature is cut or damaged/)
  })
})

describe('what does not come out exactly is not read', () => {
  /** The module with the first of such bytes changed. */
  const changed = (name: string, from: Buffer, to: Buffer): Buffer => {
    const bytes = builtModule(`6.12/${name}`)
    const at = bytes.indexOf(from)
    expect(at).toBeGreaterThan(0)
    to.copy(bytes, at)
    return bytes
  }
  const long = (value: number) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(BigInt(value))
    return bytes
  }
  const unread = { maker: 'unknown', objects: null, replace: null, states: null }

  test('an array that is longer than its elements make it', () => {
    // Four functions' worth of bytes, of 152 each, with three pairs of addresses in them.
    const bytes = changed('lpi_cumulative', long(4 * 152), long(4 * 152 + 8))
    expect(read(bytes)).toMatchObject({ ...unread, unread: expect.stringContaining('does not come out as one') })
  })
  test('a name that no kernel’s symbol can have', () => {
    const bytes = changed('lpi_plain', Buffer.from('cmdline_proc_show\0'), Buffer.from('cmd\x1bine'))
    expect(read(bytes)).toMatchObject({ ...unread, unread: expect.stringContaining('no kernel’s symbol') })
  })
  test('a sympos that no kernel has', () => {
    const bytes = changed('lpi_cumulative', long(117), long(2 ** 40))
    expect(read(bytes)).toMatchObject({ ...unread, unread: expect.stringContaining('by a place') })
  })
  test('symbols without lengths', () => {
    const bytes = changed('lpi_plain', long(2 * 152), long(0))
    expect(read(bytes)).toMatchObject({ ...unread, unread: expect.stringContaining('without stripping') })
  })
})

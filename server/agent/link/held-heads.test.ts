// Goal: an agent keeps what the server signed of its log, and nothing else. Method: heads by a real key, and by others.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openCommandKey } from '../../bff/link/command-key.ts'
import { holdHead, readHeldHeads } from './held-heads.ts'

let folder: string
let key: Awaited<ReturnType<typeof openCommandKey>>
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rebootless-held-'))
  key = await openCommandKey(join(folder, 'server'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Signed `hours` after the first. */
const headAt = (sequence: number, hash = 'a'.repeat(64), signer = key, hours = 0) => {
  const at = new Date(Date.UTC(2026, 10, 1) + hours * 3_600_000).toISOString()
  return signer.sign(PAYLOAD_TYPES.auditHead, canonicalJson({ version: 1, sequence, hash, at }))
}
const sequences = async () => (await readHeldHeads(folder)).map(({ payload }) => JSON.parse(payload).sequence)

describe('T30 heads that an agent holds', () => {
  test('the newest, and one a day of those before it, sixteen in all', async () => {
    for (let hour = 0; hour <= 20 * 24; hour += 6) {
      await holdHead(folder, headAt(hour + 1, undefined, key, hour), key.publicKey)
    }
    await holdHead(folder, headAt(3, undefined, key, 3), key.publicKey)
    const days = Array.from({ length: 16 }, (_, index) => 24 * (index + 5) + 1)
    expect(await sequences()).toEqual(days)
    await holdHead(folder, headAt(482, undefined, key, 481), key.publicKey)
    expect(await sequences()).toEqual([...days.slice(1), 482])
    await holdHead(folder, headAt(483, undefined, key, 482), key.publicKey)
    expect(await sequences()).toEqual([...days.slice(1), 483])
  })

  test('one of another key, of another type, or with another text is not', async () => {
    const other = await openCommandKey(join(folder, 'other'))
    const freeze = key.sign(PAYLOAD_TYPES.freeze, headAt(1).payload)
    const changed = { ...headAt(1), payload: headAt(2).payload }
    for (const head of [headAt(1, undefined, other), freeze, changed, { ...freeze, type: PAYLOAD_TYPES.auditHead }]) {
      expect(await holdHead(folder, head, key.publicKey)).toEqual(expect.any(String))
    }
    expect(await holdHead(folder, headAt(1), undefined)).toEqual(expect.any(String))
    expect(await sequences()).toEqual([])
  })

  test('two at one place are a contradiction: the first stays, and it is said', async () => {
    await holdHead(folder, headAt(5), key.publicKey)
    expect(await holdHead(folder, headAt(5), key.publicKey)).toBeUndefined()
    expect(await holdHead(folder, headAt(5, 'b'.repeat(64)), key.publicKey)).toMatch(/two heads .* entry 5/)
    expect((await readHeldHeads(folder)).map(({ payload }) => JSON.parse(payload).hash)).toEqual(['a'.repeat(64)])
  })

  test('a damaged file is as none', async () => {
    await writeFile(join(folder, 'audit-head.json'), '[{')
    expect(await readHeldHeads(folder)).toEqual([])
    await holdHead(folder, headAt(5), key.publicKey)
    expect(await sequences()).toEqual([5])
  })
})

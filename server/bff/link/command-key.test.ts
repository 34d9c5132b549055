// Goal: one command key for all backends of a data folder, private, and its signatures bind type and text. Method:
// real files, and node:crypto's own verification.
import { createPublicKey, verify } from 'node:crypto'
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PublicKey, Signed } from '@rebootless/shared/contract/signed.ts'
import { PAYLOAD_TYPES, signingBytes } from '@rebootless/shared/domain/signing-bytes.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openCommandKey } from './command-key.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rebootless-key-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('backends that start at once share one key, in a file that no other user reads', async () => {
  const keys = await Promise.all(Array.from({ length: 8 }, () => openCommandKey(folder)))
  expect(new Set(keys.map(({ publicKey }) => publicKey)).size).toBe(1)
  expect((await stat(join(folder, 'command-key.pem'))).mode & 0o777).toBe(0o600)
  expect((await openCommandKey(folder)).publicKey).toBe(keys[0]?.publicKey)
})

test('T23 a signature is good for its type and its text alone', async () => {
  const key = await openCommandKey(folder)
  const signed = Signed.parse(key.sign(PAYLOAD_TYPES.command, '{"a":1}'))
  const x = Buffer.from(PublicKey.parse(key.publicKey), 'base64').toString('base64url')
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  const signature = Buffer.from(signed.signatures[0]?.signature ?? '', 'base64')
  const holds = (type: Parameters<typeof signingBytes>[0], text: string) =>
    verify(null, signingBytes(type, text), publicKey, signature)
  expect(holds(PAYLOAD_TYPES.command, '{"a":1}')).toBe(true)
  expect(holds(PAYLOAD_TYPES.freeze, '{"a":1}')).toBe(false)
  expect(holds(PAYLOAD_TYPES.command, '{"a": 1}')).toBe(false)
})

test('a file that is open to others, or no Ed25519 key, is refused', async () => {
  await openCommandKey(folder)
  await chmod(join(folder, 'command-key.pem'), 0o640)
  await expect(openCommandKey(folder)).rejects.toThrow(/open to others/)
  await writeFile(join(folder, 'command-key.pem'), 'x')
  await chmod(join(folder, 'command-key.pem'), 0o600)
  await expect(openCommandKey(folder)).rejects.toThrow(/damaged/)
})

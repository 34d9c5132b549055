// Goal: what is sealed opens for its purpose with its key alone, and the key is private. Method: round trips and each kind
// of damage; a data folder on disk.
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSecretBox } from './secret-box.ts'
import { loadSecretsKey } from './secrets-key.ts'

const box = createSecretBox(randomBytes(32))

describe('T31 a sealed secret', () => {
  test('opens to its text, and shows nothing of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 8 }), (purpose, text) => {
        const sealed = box.seal(purpose, text)
        expect(box.open(purpose, sealed)).toBe(text)
        expect(sealed).not.toContain(text)
        expect(box.seal(purpose, text)).not.toBe(sealed)
      }),
    )
  })
  test('opens with no other key and for no other purpose', () => {
    const sealed = box.seal('totp 1', 'seed')
    expect(() => createSecretBox(randomBytes(32)).open('totp 1', sealed)).toThrow(/secret_unreadable/)
    expect(() => box.open('totp 2', sealed)).toThrow(/secret_unreadable/)
  })
  test('opens in no altered form', () => {
    const sealed = box.seal('totp 1', 'seed')
    const bytes = Buffer.from(sealed.slice(3), 'base64url')
    for (let position = 0; position < bytes.length; position += 1) {
      const altered = Buffer.from(bytes)
      altered.writeUInt8(altered.readUInt8(position) ^ 1, position)
      expect(() => box.open('totp 1', `v1.${altered.toString('base64url')}`)).toThrow(/secret_unreadable/)
    }
    for (const cut of ['', 'v1.', 'v1.AAAA', sealed.slice(0, -8), sealed.replace('v1', 'v2')]) {
      expect(() => box.open('totp 1', cut)).toThrow(/secret_unreadable/)
    }
  })
})

describe('T31 the key', () => {
  let dataFolder: string
  beforeEach(() => {
    dataFolder = mkdtempSync(path.join(tmpdir(), 'rebootless-secrets-'))
  })
  afterEach(() => rmSync(dataFolder, { recursive: true }))
  const load = (secretsKey?: string) => loadSecretsKey({ dataFolder, secretsKey })

  test('is made once, for this user alone', async () => {
    const [first, second] = await Promise.all([load(), load()])
    expect(second).toEqual(first)
    expect(await load()).toEqual(first)
    const file = path.join(dataFolder, 'secrets.key')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).toBe(Buffer.from(first).toString('base64'))
  })
  test('is not used once others may read it', async () => {
    await load()
    chmodSync(path.join(dataFolder, 'secrets.key'), 0o644)
    await expect(load()).rejects.toThrow(/chmod 600/)
  })
  test('comes from the environment when it is there', async () => {
    const key = randomBytes(32)
    expect(await load(key.toString('base64'))).toEqual(key)
  })
  test.each(['', 'short', randomBytes(31).toString('base64'), randomBytes(32).toString('hex')])(
    'is refused as %s, and the message does not hold it',
    async (text) => {
      writeFileSync(path.join(dataFolder, 'secrets.key'), text, { mode: 0o600 })
      await expect(load()).rejects.toThrow(/openssl rand -base64 32/)
      if (text === '') return
      const error = await load(text).catch((reason: unknown) => reason)
      expect(String(error)).toMatch(/REBOOTLESS_SECRETS_KEY/)
      expect(String(error)).not.toContain(text)
    },
  )
})

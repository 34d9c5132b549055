// Goal: signatures that OpenSSH's own program takes, and none that it would not. Method: signatures that ssh-keygen
// 9.2 made, each bent in one way; and where ssh-keygen is installed, both ways against the program itself.
import { execFileSync, spawnSync } from 'node:child_process'
import { createPrivateKey, sign } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publicKeyOf } from './ed25519.ts'
import { fitsMessage, openSshPublicKey, readOpenSshPublicKey, readSshSignature, sshSign } from './ssh-signature.ts'

const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINACiyJ3LoYIw3FWc0+5XCdD1mt7caY/Xyytvp79l6aW'
const MESSAGE = Buffer.from('a release\n')
const NAMESPACE = 'rebootless-release'
/** `ssh-keygen -Y sign -n rebootless-release`. */
const BY_SSH_KEYGEN = `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg0AKLIncuhgjDcVZzT7lcJ0PWa3
txpj9fLK2+nv2XppYAAAAScmVib290bGVzcy1yZWxlYXNlAAAAAAAAAAZzaGE1MTIAAABT
AAAAC3NzaC1lZDI1NTE5AAAAQNTHBwosZMNWKY4uS6lAiioAW322kYI0h/6JXVHLNyYKiX
eGYJjKtC0VDcU5jqvbaYh8Xvtod3A425/pvX7XvAk=
-----END SSH SIGNATURE-----
`
/** The same with `-O hashalg=sha256`. */
const WITH_SHA256 = `-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg0AKLIncuhgjDcVZzT7lcJ0PWa3
txpj9fLK2+nv2XppYAAAAScmVib290bGVzcy1yZWxlYXNlAAAAAAAAAAZzaGEyNTYAAABT
AAAAC3NzaC1lZDI1NTE5AAAAQCGR8YKrf7E8tfmy+erzMHD6T3pcPFYBA4tVekenYpmfBj
jCiY+2jt7B0Sk511ezIsPVuhBtyrI5rTLi0IQMoQo=
-----END SSH SIGNATURE-----
`
/** RFC 8032, §7.1, TEST 1. */
const privateKey = createPrivateKey({
  key: Buffer.from(
    '302e020100300506032b657004220420' + '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'hex',
  ),
  format: 'der',
  type: 'pkcs8',
})
const key = {
  publicKey: publicKeyOf(privateKey),
  signBytes: async (bytes: Uint8Array) => sign(null, bytes, privateKey),
}

describe('T34 a signature that ssh-keygen made', () => {
  test.each([BY_SSH_KEYGEN, WITH_SHA256])('fits its message, its key and its namespace alone', (armoured) => {
    const signature = readSshSignature(armoured)
    expect(openSshPublicKey(signature.publicKey)).toBe(PUBLIC_KEY)
    expect(readOpenSshPublicKey(`${PUBLIC_KEY} makers\n`)).toBe(signature.publicKey)
    expect(fitsMessage(signature, NAMESPACE, MESSAGE)).toBe(true)
    expect(fitsMessage(signature, 'file', MESSAGE)).toBe(false)
    expect(fitsMessage({ ...signature, namespace: 'file' }, 'file', MESSAGE)).toBe(false)
    expect(fitsMessage(signature, NAMESPACE, Buffer.from('a release'))).toBe(false)
    expect(fitsMessage({ ...signature, publicKey: key.publicKey }, NAMESPACE, MESSAGE)).toBe(false)
    const hash = signature.hash === 'sha512' ? 'sha256' : 'sha512'
    expect(fitsMessage({ ...signature, hash }, NAMESPACE, MESSAGE)).toBe(false)
  })

  const bytes = Buffer.from(BY_SSH_KEYGEN.replace(/-----.*-----\n/g, ''), 'base64')
  const armoured = (content: Buffer) =>
    `-----BEGIN SSH SIGNATURE-----\n${content.toString('base64')}\n-----END SSH SIGNATURE-----\n`
  test('bent in any byte, it is none or does not fit', () => {
    expect(fitsMessage(readSshSignature(armoured(bytes)), NAMESPACE, MESSAGE)).toBe(true)
    for (let at = 0; at < bytes.length; at += 1) {
      const bent = Buffer.from(bytes)
      bent[at] = (bent[at] ?? 0) ^ 1
      const fits = () => fitsMessage(readSshSignature(armoured(bent)), NAMESPACE, MESSAGE)
      let outcome: unknown
      try {
        outcome = fits()
      } catch (error) {
        outcome = (error as Error).constructor.name
      }
      expect(outcome === false || outcome === 'KeyError', `byte ${at}: ${outcome}`).toBe(true)
    }
  })
  test('cut at any byte, or with one more, it is none', () => {
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => readSshSignature(armoured(bytes.subarray(0, length))), `${length}`).toThrow(/cut|no signature/)
    }
    expect(() => readSshSignature(armoured(Buffer.concat([bytes, Buffer.from([0])])))).toThrow('behind it')
    expect(() => readSshSignature(`x${BY_SSH_KEYGEN}`)).toThrow('no signature')
  })
  test('of another kind of key it is not taken', () => {
    expect(() => readOpenSshPublicKey('ssh-rsa AAAA')).toThrow('ssh-ed25519')
    expect(() => readOpenSshPublicKey('ssh-ed25519 AAAA')).toThrow('cut or damaged')
    const rsa = Buffer.concat([Buffer.from([0, 0, 0, 7]), Buffer.from('ssh-rsa')]).toString('base64')
    expect(() => readOpenSshPublicKey(`ssh-ed25519 ${rsa}`)).toThrow('no Ed25519 key')
  })
})

const hasOpenSsh = spawnSync('ssh-keygen', ['-?']).error === undefined

describe.skipIf(!hasOpenSsh)('T34 with ssh-keygen itself', () => {
  let folder: string
  const at = (name: string) => path.join(folder, name)
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'rebootless-sshsig-'))
    writeFileSync(at('allowed'), `makers ${openSshPublicKey(key.publicKey)}\n`)
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  const verifies = (message: Buffer, namespace = NAMESPACE): boolean => {
    const words = ['-Y', 'verify', '-f', at('allowed'), '-I', 'makers', '-n', namespace, '-s', at('ours.sig')]
    return spawnSync('ssh-keygen', words, { input: message }).status === 0
  }

  test('it takes ours, for its message and its namespace', async () => {
    writeFileSync(at('ours.sig'), await sshSign(key, NAMESPACE, MESSAGE))
    expect([verifies(MESSAGE), verifies(Buffer.from('another')), verifies(MESSAGE, 'file')]).toEqual([
      true,
      false,
      false,
    ])
  })

  test('we take its, of a message of any length', () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', at('theirs')])
    const publicKey = readOpenSshPublicKey(readFileSync(at('theirs.pub'), 'utf8'))
    for (const length of [0, 1, 100_000]) {
      const message = Buffer.alloc(length, 'x')
      writeFileSync(at('message'), message)
      execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-f', at('theirs'), '-n', NAMESPACE, at('message')])
      const signature = readSshSignature(readFileSync(at('message.sig'), 'utf8'))
      expect([signature.publicKey, fitsMessage(signature, NAMESPACE, message)]).toEqual([publicKey, true])
      rmSync(at('message.sig'))
    }
  })
})

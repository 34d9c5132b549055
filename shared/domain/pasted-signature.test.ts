// Goal: what a terminal printed is taken as it was pasted, and nothing else is. Method: a real Ed25519 signature, spoilt.

import { describe, expect, test } from 'vitest'
import { PublicKey, Signature } from '../contract/signed.ts'
import { isPublicKey, readSignature, readSignatures } from './pasted-signature.ts'

// RFC 8032, 7.1, TEST 1.
const hex = (digits: string) => btoa(digits.replace(/../g, (byte) => String.fromCharCode(Number.parseInt(byte, 16))))
const publicKey = hex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
const signature = hex(
  'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
)
const printed = JSON.stringify({ publicKey, signature })

test('the vector itself is of the contract', () => {
  expect([PublicKey.safeParse(publicKey).success, Signature.safeParse(signature).success]).toEqual([true, true])
})

test.each([
  ['as printed', printed],
  ['with what stands around it', `$ rebootless approve x.json --key k.pem\n${printed}\nPaste this on the page.\n`],
  ['broken by the terminal', printed.replace(/(.{20})/g, '$1\n  ')],
  ['with blanks of a formatter', JSON.stringify({ publicKey, signature }, null, 2)],
])('a signature is read %s', (_, pasted) => {
  expect(readSignature(pasted)).toEqual({ publicKey, signature })
})

test.each([
  ['nothing', ''],
  ['only half of it', printed.slice(0, 120)],
  ['a key without a signature', JSON.stringify({ publicKey })],
  ['a signature that is cut', printed.replace(signature, signature.slice(4))],
  ['a second spelling of the key', printed.replace(publicKey, publicKey.replace(/.=$/, 'B='))],
  ['PEM', '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----'],
])('no signature is read from %s', (_, pasted) => {
  expect(readSignature(pasted)).toBeNull()
})

test('a public key has one spelling', () => {
  expect(isPublicKey(publicKey)).toBe(true)
  for (const other of [publicKey.slice(1), `${publicKey} `, publicKey.replace(/.=$/, 'B='), `ssh-ed25519 ${publicKey}`])
    expect(isPublicKey(other), other).toBe(false)
})

describe('signatures of several texts', () => {
  const signatures = [1, 2].map((n) => ({
    ...{ authorisation: `5f0c1d6e-0000-4000-8000-00000000000${n}`, publicKey, signature },
  }))
  const all = JSON.stringify({ signatures })
  test.each([
    ['as printed', all],
    ['with what stands around them', `$ rebootless approve x.texts\n${all}\nPaste this on the page.\n`],
    ['broken by the terminal', all.replace(/(.{20})/g, '$1\n  ')],
    ['with blanks of a formatter', JSON.stringify({ signatures }, null, 2)],
  ])('are read %s', (_, pasted) => {
    expect(readSignatures(pasted)).toEqual(signatures)
  })

  test.each([
    ['a single one', printed],
    ['none', '{"signatures":[]}'],
    ['half of them', all.slice(0, 300)],
    ['one that is spoilt', all.replace(signature, signature.slice(4))],
    ['one of no text', all.replace('5f0c1d6e-', '')],
  ])('are not read from %s', (_, pasted) => {
    expect(readSignatures(pasted)).toBeNull()
  })
})

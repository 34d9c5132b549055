// Goal: one signature for one type and one text, in one spelling. Method: the published vectors of RFC 8032, our own
// fixed ones, and each of them bent in one way.
import { createPrivateKey } from 'node:crypto'
import { Signature } from '@rebootless/shared/contract/signed.ts'
import { PAYLOAD_TYPES, signingBytes } from '@rebootless/shared/domain/signing-bytes.ts'
import { describe, expect, test } from 'vitest'
import { isSigned, publicKeyOf, signPayload } from './ed25519.ts'

const keyOfSeed = (seed: string) =>
  createPrivateKey({
    key: Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex'),
    format: 'der',
    type: 'pkcs8',
  })
/** RFC 8032, §7.1, TEST 1. */
const key = keyOfSeed('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
const payload = '{"a":1,"b":"ü"}'
const signed = signPayload(key, PAYLOAD_TYPES.authorisation, payload)

test('T23 the public half is the one of RFC 8032', () => {
  expect(Buffer.from(publicKeyOf(key), 'base64').toString('hex')).toBe(
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  )
})

test('T23 what is signed is type and text with the lengths of both, in bytes (DSSE, PAE)', () => {
  expect(Buffer.from(signingBytes(PAYLOAD_TYPES.authorisation, payload)).toString()).toBe(
    `DSSEv1 45 application/vnd.rebootless.authorisation+json 16 ${payload}`,
  )
})

describe('T23 bent', () => {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  const bytes = Buffer.from(signed.signature, 'base64')
  const number = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`)
  const spelt = (value: bigint) =>
    Buffer.concat([bytes.subarray(0, 32), Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse()])

  test('as it is, it fits', () => {
    expect(isSigned(signed, PAYLOAD_TYPES.authorisation, payload)).toBe(true)
    expect(spelt(number).toString('base64')).toBe(signed.signature)
  })
  test.each(Object.values(PAYLOAD_TYPES).filter((type) => type !== PAYLOAD_TYPES.authorisation))(
    'it does not fit the type %s',
    (type) => expect(isSigned(signed, type, payload)).toBe(false),
  )
  test.each([`${payload} `, `${payload}\n`, '{"b":"ü","a":1}', '{"a":1,"b":"u\u0308"}', ''])(
    'it does not fit %j',
    (text) => {
      expect(isSigned(signed, PAYLOAD_TYPES.authorisation, text)).toBe(false)
    },
  )
  test('the same with the group’s order added is no signature (RFC 8032, 5.1.7)', () => {
    const other = { ...signed, signature: spelt(number + order).toString('base64') }
    expect(isSigned(other, PAYLOAD_TYPES.authorisation, payload)).toBe(false)
  })
  test('another key, a key that is none, and a signature that is too long', () => {
    const other = publicKeyOf(keyOfSeed('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'))
    for (const bent of [
      { ...signed, publicKey: other },
      { ...signed, publicKey: Buffer.alloc(32).toString('base64') },
      { ...signed, publicKey: '' },
      { ...signed, signature: Buffer.concat([bytes, Buffer.from([0])]).toString('base64') },
    ])
      expect(isSigned(bent, PAYLOAD_TYPES.authorisation, payload)).toBe(false)
  })
  test('base64 has one spelling', () => {
    expect(Signature.safeParse(signed.signature).success).toBe(true)
    expect(
      Signature.safeParse(
        signed.signature.replace(
          /.==$/,
          (end) => `${end === 'A==' ? 'B' : String.fromCharCode(end.charCodeAt(0) + 1)}==`,
        ),
      ).success,
    ).toBe(false)
  })
})

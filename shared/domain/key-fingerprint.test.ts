// Goal: both ends and people write one fingerprint. Method: vectors of RFC 4648, §10, in small letters, and mistakes.
import { expect, test } from 'vitest'
import { endsFingerprint, keyFingerprintText } from './key-fingerprint.ts'

test.each([
  ['', ''],
  ['66', 'my'],
  ['666f', 'mzxq'],
  ['666f6f', 'mzxw 6'],
  ['666f6f626172', 'mzxw 6ytb oi'],
])('T16 a fingerprint of %s is written as “%s”', (hex, text) => {
  expect(keyFingerprintText(hex)).toBe(text)
})

test('T16 only its own last eight characters end it, however they are spaced', () => {
  const hex = '0123456789abcdef'.repeat(4)
  const end = keyFingerprintText(hex).slice(-9)
  expect(end).toHaveLength(9)
  for (const typed of [end, end.replace(' ', ''), end.replace(' ', '-'), ` ${end.toUpperCase()} `]) {
    expect([typed, endsFingerprint(hex, typed)]).toEqual([typed, true])
  }
  for (const typed of ['', end.slice(1), `a${end}`, `b${end.slice(1)}`, keyFingerprintText(hex)]) {
    if (typed.replace(/\s/g, '') === end.replace(/\s/g, '')) continue
    expect([typed, endsFingerprint(hex, typed)]).toEqual([typed, false])
  }
})

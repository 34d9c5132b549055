// Goal: nothing but an exact token is taken for one. Method: property test on round trips, table of near misses.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatJoinToken, parseJoinToken } from './join-token.ts'

const part = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('base64url'))
const good = `rbl1.${'A'.repeat(43)}.${'B'.repeat(42)}A`

describe('join token', () => {
  test('what was formatted is parsed back', () => {
    fc.assert(
      fc.property(part, part, (secret, authorityPin) => {
        expect(parseJoinToken(formatJoinToken({ secret, authorityPin }))).toEqual({ secret, authorityPin })
      }),
    )
  })

  test('white space from a paste is forgiven', () => {
    expect(parseJoinToken(` ${good}\n`)).toBeDefined()
  })

  test.each([
    ['empty', ''],
    ['other version', good.replace('rbl1', 'rbl2')],
    ['one character short', good.slice(0, -1)],
    ['one character long', `${good}A`],
    ['a padding sign', `${good}=`],
    ['a third part', `${good}.A`],
    ['bits beyond the 32nd byte', `${good.slice(0, -1)}B`],
    ['a line break inside', good.replace('.B', '.\nB')],
  ])('refused: %s', (_name, text) => {
    expect(parseJoinToken(text)).toBeUndefined()
  })
})

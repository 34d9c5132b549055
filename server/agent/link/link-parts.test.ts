// Goal: the small rules of the link: back-off, epoch, address, what is cut from a snapshot. Method: tables, properties.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleSnapshot } from '../../bff/link/link-test-bench.ts'
import { BACK_OFF, backOffMs } from './back-off.ts'
import { nextEpoch } from './epoch.ts'
import { fitSnapshot } from './fit-snapshot.ts'
import { addressOf, parseServerUrl } from './server-address.ts'

describe('back-off', () => {
  test('grows to its cap and is spread over the whole range', () => {
    const longest = (attempt: number) => backOffMs(attempt, () => 0.999999)
    expect([0, 1, 2, 3].map(longest)).toEqual([499, 999, 1999, 3999])
    expect(longest(500)).toBe(BACK_OFF.capMs - 1)
    expect(backOffMs(20, () => 0)).toBe(0)
  })
})

describe('epoch', () => {
  test('T19 rises by one; a lost or damaged file leads beyond any count, never back', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (stored) => {
        expect(nextEpoch(`${stored}\n`, 0)).toBe(stored + 1)
      }),
    )
    for (const damaged of [undefined, '', 'x', '-1', '1.5', '12 3', '9'.repeat(11)]) {
      expect(nextEpoch(damaged, 1_800_000_000_000)).toBe(1_800_000_000)
    }
    expect(nextEpoch(undefined, -5)).toBe(1)
  })
})

describe('server address', () => {
  test.each([
    ['https://srv:9000', 'https://srv:9000', 'srv', 9000],
    ['https://srv:9000/', 'https://srv:9000', 'srv', 9000],
    ['srv', 'https://srv:8443', 'srv', 8443],
    ['10.0.0.1:99', 'https://10.0.0.1:99', '10.0.0.1', 99],
    ['https://[::1]:8443', 'https://[::1]:8443', '::1', 8443],
    ['https://srv:443', 'https://srv:443', 'srv', 443],
  ])('%s', (text, url, host, port) => {
    expect(parseServerUrl(text)).toBe(url)
    expect(addressOf(url)).toEqual({ host, port })
  })
  test.each([
    '',
    'http://srv',
    'https://u:p@srv',
    'https://srv/path',
    'https://srv?x',
    'a b',
    'https://srv:99999',
    '-- x',
  ])('refused: %s', (text) => expect(parseServerUrl(text)).toBeUndefined())
})

describe('a snapshot that is too large', () => {
  const file = (length: number) => ({ path: '/p', content: 'x'.repeat(length), errno: null, truncated: false })
  test('loses raw contents first, then all raw files, then more', () => {
    const large = sampleSnapshot({ raw: Array.from({ length: 20 }, () => file(10_000)) })
    expect(fitSnapshot(large, 300_000)).toEqual({ snapshot: large, cut: [] })
    expect(fitSnapshot(large, 30_000)?.snapshot.raw[0]).toMatchObject({ truncated: true })
    expect(fitSnapshot(large, 3000)?.snapshot.raw).toEqual([])
    expect(fitSnapshot(large, 100)).toBeUndefined()
  })
  test('never exceeds the limit, in bytes and not in characters', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 3000 }), { maxLength: 20 }),
        fc.nat(20_000),
        (texts, max) => {
          const raw = texts.map((content) => ({ path: '/p', content, errno: null, truncated: false }))
          const fitted = fitSnapshot(sampleSnapshot({ raw }), max)
          if (fitted !== undefined) expect(Buffer.byteLength(JSON.stringify(fitted.snapshot))).toBeLessThanOrEqual(max)
        },
      ),
    )
  })
})

// Goal: the small rules of the link: back-off, epoch, address, what is cut from a snapshot. Method: tables, properties.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleSnapshot } from '../../bff/link/link-test-bench.ts'
import { LAB_POLICY } from '../config/host-policy.ts'
import { policySummary } from '../config/policy-summary.ts'
import { boundSnapshot } from '../providers/bound-snapshot.ts'
import { helloAsOf } from './as-of-protocol.ts'
import { BACK_OFF, backOffMs } from './back-off.ts'
import { nextEpoch } from './epoch.ts'
import { sendableSnapshot } from './sendable-snapshot.ts'
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
  test('loses raw contents first, then all raw files', () => {
    const large = sampleSnapshot({ raw: Array.from({ length: 20 }, () => file(10_000)) })
    expect(boundSnapshot(large, 300_000)).toBe(large)
    expect(boundSnapshot(large, 30_000).raw[0]).toMatchObject({ truncated: true })
    expect(boundSnapshot(large, 3000).raw).toEqual([])
  })
  test('is measured in bytes and not in characters', () => {
    const max = 20_000
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 3000 }), { maxLength: 20 }), (texts) => {
        const raw = texts.map((content) => ({ path: '/p', content, errno: null, truncated: false }))
        expect(Buffer.byteLength(JSON.stringify(boundSnapshot(sampleSnapshot({ raw }), max)))).toBeLessThanOrEqual(max)
      }),
    )
  })
})

describe('a snapshot that breaks the contract', () => {
  test('is sent without what breaks it, as not known', () => {
    const kernel = { ...sampleSnapshot().kernel, version: 'v'.repeat(999) }
    const sent = sendableSnapshot(sampleSnapshot({ kernel, livepatches: [{ name: 'x' }] as never }))
    expect(sent?.snapshot).toMatchObject({
      kernel: { ...kernel, version: null },
      livepatches: null,
      unreadable: [{ path: '/sys/kernel/livepatch', errno: 'EBADMSG' }],
    })
    expect(sent?.cut).toContain('kernel.version')
  })
  test('is not sent when nothing dates it', () => {
    expect(sendableSnapshot(sampleSnapshot({ takenAt: 'yesterday' }))).toBeUndefined()
  })
})

test('T21 a server of before is not told of what it does not know', () => {
  const policy = policySummary(LAB_POLICY, false)
  const facts = { agentVersion: '1', hostName: 'a', hostClass: 'lab', origin: 'agent', bootId: null, policy } as const
  const asOf = (protocol: number) => helloAsOf(protocol, { ...facts, protocol: 4 })
  const { packageUpdates, ...asBefore } = policy
  expect(packageUpdates).toBe(true)
  expect(asOf(4)).toEqual({ ...facts, protocol: 4 })
  expect(asOf(3)).toEqual({ ...facts, protocol: 3, policy: asBefore })
  expect(asOf(1)).not.toHaveProperty('policy')
})

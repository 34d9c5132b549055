// Goal: whatever a feed sends, reading ends, says so in sentences, and gives nothing that the contract does not know. Method: each small
// document mutated at random by a seed: bytes, words, structure, nesting, sizes; SEED=n replays one.
import { CveStatement, LivepatchNotice } from '@rebootless/shared/contract/vulnerabilities.ts'
import { FEED_KINDS, type FeedKind } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CVE_ID } from './document.ts'
import { readDocument } from './read-document.ts'
import { DOCUMENTS } from './test-documents.ts'

const OWN =
  '{"format":"rebootless.vulnerabilities/1"}\n{"cve":"CVE-2022-0847","document":"d","publishedOn":null,"statement":{"kind":"kev","addedOn":"2022-04-25","dueOn":null,"ransomware":false}}\n'
const SAMPLES: Record<FeedKind, readonly [name: string, document: unknown][]> = {
  cve_json: [
    ['CVE-2024-26581.json', DOCUMENTS.record],
    ['CVE-2024-26581.dyad', DOCUMENTS.dyad],
    ['CVE-2022-0847.json', DOCUMENTS.foreign],
  ],
  osv: [['a.json', DOCUMENTS.osv]],
  csaf: [
    ['a.json', DOCUMENTS.vexFeed],
    ['b.json', DOCUMENTS.suse],
  ],
  openvex: [['a.json', DOCUMENTS.openVex]],
  debian_tracker: [
    ['a.json', DOCUMENTS.debianExport],
    ['list', DOCUMENTS.debianList],
  ],
  redhat_api: [['a.json', DOCUMENTS.redHatApi]],
  ubuntu_lsn: [['LSN-0085-1.json', DOCUMENTS.lsn]],
  kev: [['a.json', DOCUMENTS.kev]],
  epss: [['epss_scores-2023-03-07.csv', DOCUMENTS.epss]],
  rebootless: [['facts.jsonl', OWN]],
}

const HOSTILE = [
  ...[
    'null',
    '-1',
    '1e999',
    '""',
    '[]',
    '{}',
    '[[[[]]]]',
    'true',
    '"\\u0000"',
    '"\\ud800"',
    '"\\u202e"',
    '{"__proto__":{"x":1}}',
  ],
  ...[
    '"CVE-0000-0000"',
    '"../../etc/passwd"',
    `"${'x'.repeat(50_000)}"`,
    '['.repeat(2_000),
    '9999-99-99',
    '\n',
    ':',
    ',',
    '#',
    '\t- linux ',
  ],
]

const text = (document: unknown) => (typeof document === 'string' ? document : JSON.stringify(document))
const edits = fc.array(
  fc.record({
    at: fc.nat(),
    length: fc.nat({ max: 40 }),
    by: fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 20 })),
  }),
  { minLength: 1, maxLength: 4 },
)

describe.each(FEED_KINDS)('T14 %s', (kind) => {
  test.each(SAMPLES[kind])('%s, mutated', (name, document) => {
    const whole = text(document)
    expect(
      readDocument(kind, Buffer.from(whole), name).statements.length +
        readDocument(kind, Buffer.from(whole), name).notices.length,
    ).toBeGreaterThan(0)
    const seed = process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }
    fc.assert(
      fc.property(edits, (mutations) => {
        let mutated = whole
        for (const { at, length, by } of mutations) {
          const start = at % (mutated.length + 1)
          mutated = mutated.slice(0, start) + by + mutated.slice(start + length)
        }
        const read = readDocument(kind, Buffer.from(mutated), name)
        for (const { cve, statement } of read.statements) {
          expect(cve).toMatch(CVE_ID)
          expect(CveStatement.safeParse(statement).success).toBe(true)
        }
        for (const { notice } of read.notices) expect(LivepatchNotice.safeParse(notice).success).toBe(true)
        for (const sentence of read.troubles) expect(sentence).toMatch(/^.{5,499}[.…]$/su)
      }),
      { numRuns: 150, ...seed },
    )
  })

  test('random bytes, and a pack that is broken', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.boolean(), (bytes, isPacked) => {
        const given = isPacked ? Buffer.concat([Buffer.from([0x1f, 0x8b, 8]), bytes]) : bytes
        const read = readDocument(kind, given, SAMPLES[kind][0]?.[0] ?? '')
        expect([read.statements, read.notices]).toEqual([[], []])
      }),
      { numRuns: 50 },
    )
  })
})

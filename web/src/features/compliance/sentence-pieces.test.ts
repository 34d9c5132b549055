// Goal: the page says the server's sentence word for word, with its two numbers apart. Method: sentences as the server makes them.
import { complianceSentence } from '@rebootless/shared/domain/compliance/compliance-sentence.ts'
import { SEVERITIES } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { expect, test } from 'vitest'
import { sentencePieces } from './sentence-pieces.ts'

const none = SEVERITIES.map((severity) => ({
  ...{ severity, cves: 0, overdueCves: 0, hosts: 0, overdueHosts: 0, oldest: null },
}))
const counts = { hosts: 0, judged: 0, within: 0, exposed: 0, overdue: 0 }
const unknown = { cves: 448, hosts: 9 }
const open = none.map((row) => (row.severity === 'critical' ? { ...row, cves: 3, hosts: 61 } : row))

test.each([
  complianceSentence({ counts, bySeverity: none, unknown }),
  complianceSentence({ counts: { ...counts, hosts: 5, judged: 5, within: 5 }, bySeverity: none, unknown }),
  complianceSentence({ counts: { ...counts, hosts: 1000, judged: 990, within: 982 }, bySeverity: open, unknown }),
])('nothing is lost: %s', (sentence) => {
  const pieces = sentencePieces(sentence)
  expect(
    pieces
      .map(({ text }) => text)
      .join('')
      .replaceAll('\u00a0', ' '),
  ).toBe(sentence)
})

test('the two numbers are apart', () => {
  const sentence = complianceSentence({
    counts: { ...counts, hosts: 1000, judged: 1000, within: 982 },
    ...{ bySeverity: open, unknown },
  })
  expect(sentencePieces(sentence).filter(({ tone }) => tone !== null)).toEqual([
    { text: '98.2\u00a0%', tone: 'new' },
    { text: '61\u00a0exposed', tone: 'old' },
  ])
})

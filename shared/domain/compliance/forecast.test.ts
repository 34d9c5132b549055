// Goal: the forecast names the hosts whose turn comes too late, and the sentence claims nothing that is not so. Method: cases by hand.
import { expect, test } from 'vitest'
import { complianceSentence } from './compliance-sentence.ts'
import { willBreach } from './forecast.ts'
import { summarise } from './summarise.ts'
import { dayAt, judgeTestFleet, testCve, testFleet, testHost, testVerdict } from './test-fleet-at-moment.ts'

const AT = dayAt('2026-02-01')
const on = (id: string, day: string) => ({ id, due: dayAt(day) })

test.each([
  ['nothing is fixed: all that fall due', 0, ['2026-02-03', '2026-02-10', '2026-03-20'], ['0', '1']],
  ['one a day is enough', 1, ['2026-02-03', '2026-02-04', '2026-02-05'], []],
  ['one a day is too little for three on one day', 1, ['2026-02-03', '2026-02-03', '2026-02-03'], ['2']],
  ['the overdue take their turn first', 1, ['2026-01-20', '2026-01-21', '2026-02-03'], ['2']],
  ['just in time is in time', 0.5, ['2026-02-03'], []],
])('%s', (_name, perDay, days, expected) => {
  const hosts = days.map((day, index) => on(String(index), day))
  expect(willBreach([...hosts].reverse(), AT, 14, perDay).map(({ id }) => id)).toEqual(expected)
})

test('the pace is that of the hosts in question', () => {
  const hosts = [testHost('a'), testHost('b')]
  const fixes = Array.from({ length: 14 }, (_, day) => ({ hostId: day < 7 ? 'a' : 'gone', day: `2026-01-${20 + day}` }))
  const fleet = testFleet({ hosts, fixes, at: dayAt('2026-01-20') })
  const { forecast } = summarise(judgeTestFleet(fleet), fleet, 14)
  expect([forecast.hostsPerDay, forecast.hosts]).toEqual([0.5, 0])
  // Three in two weeks: one host is fixed after five days, in time, and the other after nine.
  const slower = { ...fleet, fixes: fixes.slice(0, 3) }
  expect(summarise(judgeTestFleet(slower), slower, 14).forecast.which).toEqual([
    { id: 'b', name: 'b', breachAt: '2026-01-26T00:00:00.000Z', cveId: 'CVE-2026-1' },
  ])
})

const sentenceOf = (change: Parameters<typeof testFleet>[0]) => {
  const fleet = testFleet(change)
  return summarise(judgeTestFleet(fleet), fleet, 14).sentence
}
const many = (count: number, classId = 'class') =>
  Array.from({ length: count }, (_, index) =>
    testHost(`${classId}-${index}`, {
      classId,
      runs: [{ classId, from: dayAt('2026-01-01'), to: Number.POSITIVE_INFINITY }],
    }),
  )

test('one sentence', () => {
  expect(sentenceOf({ hosts: [] })).toBe('No host has been read yet.')
  const none = { counts: { hosts: 0, judged: 0, within: 0, exposed: 0, overdue: 0 }, bySeverity: [] }
  expect(complianceSentence({ ...none, unknown: { cves: 0, hosts: 0 } }, true)).toBe('No host matches the filter.')
  expect(sentenceOf({ hosts: many(2, 'other') })).toBe('2 hosts, none of them judged yet.')
  expect(sentenceOf({ verdicts: [] })).toBe('100 % of hosts within SLA; none has an open exposure.')
  expect(sentenceOf({ at: dayAt('2026-01-20') })).toBe(
    '100 % of hosts within SLA; 1 exposed to 1 critical CVE, none past its date.',
  )
  expect(sentenceOf({ at: dayAt('2026-01-30') })).toBe(
    '0 % of hosts within SLA; 1 exposed to 1 critical CVE, the oldest by 4 days.',
  )
  expect(sentenceOf({ hosts: [...many(1), ...many(1, 'other')], at: dayAt('2026-01-20') })).toBe(
    '50 % of hosts within SLA; 1 exposed to 1 critical CVE, none past its date; 1 not judged.',
  )
  const verdicts = [testVerdict('CVE-2026-1'), testVerdict('CVE-2026-2')]
  const cves = [testCve('CVE-2026-1', { severity: 'unknown' }), testCve('CVE-2026-2', { severity: 'high' })]
  expect(sentenceOf({ verdicts, cves, at: dayAt('2026-02-09') })).toBe(
    '100 % of hosts within SLA; 1 exposed to 1 high CVE, none past its date.',
  )
})

test('the sentence says of how many it does not know, so that nobody signs for hosts of which little is known', () => {
  const unknown = [testVerdict('CVE-2026-1', { status: 'unknown', rule: 'upstream_hint' })]
  expect(sentenceOf({ verdicts: unknown, at: dayAt('2026-01-20') })).toBe(
    '100 % of hosts within SLA; none is known to be exposed; 1 CVE not known on 1.',
  )
  const cves = [testCve('CVE-2026-1'), testCve('CVE-2026-2')]
  const verdicts = [...unknown, testVerdict('CVE-2026-2')]
  expect(sentenceOf({ verdicts, cves, hosts: [...many(2), ...many(1, 'other')], at: dayAt('2026-01-20') })).toBe(
    '66.6 % of hosts within SLA; 2 exposed to 1 critical CVE, none past its date; 1 CVE not known on 2; 1 not judged.',
  )
})

test('a hundred per cent is all of them', () => {
  const counts = { hosts: 3000, judged: 3000, within: 2999, exposed: 1, overdue: 1 }
  expect(complianceSentence({ counts, bySeverity: [], unknown: { cves: 0, hosts: 0 } })).toBe(
    '99.9 % of hosts within SLA; none has an open exposure.',
  )
})

// Goal: a due date is the policy's, of the host and CVE in question. Method: one host and one CVE, one thing changed a case.
import { expect, test } from 'vitest'
import type { SlaSpec } from '../../contract/compliance-policy.ts'
import { DEFAULT_SLA } from './default-policy.ts'
import { exceptionState, exceptionsInEffect } from './exceptions.ts'
import type { CveFacts, HostAtMoment, OpenVerdict } from './fleet-at-moment.ts'
import { isOverdue, isWithin, summarise } from './summarise.ts'
import { dayAt, judgeTestFleet, testCve, testFleet, testHost, testVerdict } from './test-fleet-at-moment.ts'

interface Case {
  readonly spec?: Partial<SlaSpec>
  readonly cve?: Partial<CveFacts>
  readonly verdict?: Partial<OpenVerdict>
  readonly host?: Partial<HostAtMoment>
}
const dueOf = ({ spec = {}, cve = {}, verdict = {}, host = {} }: Case): string | null => {
  const [judged] = judgeTestFleet(
    testFleet({
      ...{ spec, cves: [testCve('CVE-2026-1', cve)], verdicts: [testVerdict('CVE-2026-1', verdict)] },
      hosts: [testHost('host', host)],
    }),
  )
  const due = judged?.worst?.due ?? null
  return due === null || due === Number.POSITIVE_INFINITY ? null : new Date(due).toISOString().slice(0, 10)
}
const production = (change: object = {}) => ({
  overrides: [
    {
      name: 'production',
      hosts: 'label.env:prod',
      days: { ...DEFAULT_SLA.days, critical: 3 },
      knownExploitedDays: 1,
      ...change,
    },
  ],
})
const PUBLICATION = { clock: 'publication' } as const
const LATE = { runs: [{ classId: 'class', from: dayAt('2026-01-20'), to: Number.POSITIVE_INFINITY }] }

// The clock starts on 10 January, when the fix was there; 15 days end at the end of the 25th.
test.each<[string, Case, string | null]>([
  ['from the fix on', {}, '2026-01-26'],
  ['from publication on', { spec: PUBLICATION }, '2026-01-17'],
  ['published before the host was seen', { spec: PUBLICATION, host: LATE }, '2026-02-05'],
  ['the same, where that is no excuse', { spec: { ...PUBLICATION, notBeforeSeen: false }, host: LATE }, '2026-01-17'],
  ['no fix yet', { verdict: { hasFix: false, fixAvailableAt: null } }, null],
  ['a fix that nobody dates', { verdict: { fixAvailableAt: null }, host: LATE }, '2026-02-05'],
  [
    'a fix on disk that nobody dates',
    { verdict: { status: 'fixed_on_disk', hasFix: false, fixAvailableAt: null } },
    '2026-01-17',
  ],
  ['another severity', { cve: { severity: 'high' } }, '2026-02-10'],
  ['a severity that is due never', { spec: { days: { ...DEFAULT_SLA.days, critical: null } } }, null],
  ['known to be exploited', { cve: { severity: 'low', knownExploitedAt: dayAt('2026-01-12') } }, '2026-01-27'],
  [
    'known to be exploited, without a fix',
    { cve: { knownExploitedAt: dayAt('2026-01-12') }, verdict: { hasFix: false, fixAvailableAt: null } },
    '2026-01-27',
  ],
  [
    'known to be exploited later than the severity gives',
    { cve: { knownExploitedAt: dayAt('2026-01-24') } },
    '2026-01-26',
  ],
  [
    'no row of its own for it',
    { spec: { knownExploitedDays: null }, cve: { severity: 'low', knownExploitedAt: dayAt('2026-01-12') } },
    '2026-07-10',
  ],
  ['an override', { spec: production(), host: { labels: { env: 'prod' } } }, '2026-01-14'],
  ['an override of other hosts', { spec: production(), host: { labels: { env: 'lab' } } }, '2026-01-26'],
  [
    'an override may give more',
    { spec: production({ days: { ...DEFAULT_SLA.days, critical: 40 } }), host: { labels: { env: 'prod' } } },
    '2026-02-20',
  ],
  [
    'of two the shorter',
    {
      spec: {
        overrides: [
          ...production().overrides,
          {
            ...production().overrides[0],
            name: 'web',
            hosts: 'name:host',
            days: DEFAULT_SLA.days,
            knownExploitedDays: null,
          } as never,
        ],
      },
      host: { labels: { env: 'prod' } },
    },
    '2026-01-14',
  ],
  ['working days', { spec: { calendar: { ...DEFAULT_SLA.calendar, count: 'working_days' } } }, '2026-01-31'],
  ['unknown stands apart', { verdict: { status: 'unknown' } }, null],
])('%s', (_name, one, expected) => expect(dueOf(one)).toBe(expected))

test('it is overdue at the first moment that is too late', () => {
  const due = dayAt('2026-01-26')
  for (const [at, overdue] of [
    [due - 1, false],
    [due, true],
  ] as const) {
    const [judged] = judgeTestFleet(testFleet({ at }))
    expect(judged && [isOverdue(judged, at), isWithin(judged, at)]).toEqual([overdue, !overdue])
  }
})

test('what is unknown counts where the policy says so, and is told either way', () => {
  const verdicts = [testVerdict('CVE-2026-1', { status: 'unknown' })]
  for (const unknown of ['apart', 'as_exposed'] as const) {
    const fleet = testFleet({ verdicts, spec: { unknown } })
    const { counts, unknown: told } = summarise(judgeTestFleet(fleet), fleet, 14)
    expect([counts.exposed, told]).toEqual([unknown === 'apart' ? 0 : 1, { cves: 1, hosts: 1 }])
  }
})

const exception = (change: object = {}) => ({
  ...{ id: 'one', subject: { kind: 'cve', cveId: 'CVE-2026-1' } as const, hosts: 'label.env:lab' },
  ...{ until: dayAt('2026-03-01'), approvedAt: dayAt('2026-01-15'), endedAt: null, ...change },
})

test('an exception takes its CVE out on its hosts, from its approval to its end, and is told', () => {
  const hosts = [testHost('lab', { labels: { env: 'lab' } }), testHost('prod', { labels: { env: 'prod' } })]
  const at = dayAt('2026-02-01')
  const fleet = testFleet({ hosts, at, exceptions: exceptionsInEffect([exception()], at) })
  const summary = summarise(judgeTestFleet(fleet), fleet, 14)
  expect([summary.counts.exposed, summary.counts.overdue, summary.accepted]).toEqual([
    1,
    1,
    { exceptions: 1, cves: 1, hosts: 1 },
  ])
  const other = testFleet({
    hosts,
    at,
    exceptions: exceptionsInEffect([exception({ subject: { kind: 'severity', severity: 'low' } })], at),
  })
  expect(summarise(judgeTestFleet(other), other, 14).accepted).toEqual({ exceptions: 0, cves: 0, hosts: 0 })
})

test.each([
  ['before its approval', {}, '2026-01-14', 'requested'],
  ['at its approval', {}, '2026-01-15', 'in_effect'],
  ['at its end', {}, '2026-03-01', 'expired'],
  ['ended early', { endedAt: dayAt('2026-02-01') }, '2026-02-01', 'ended'],
  ['before it was ended', { endedAt: dayAt('2026-02-01') }, '2026-01-31', 'in_effect'],
  ['declined', { approvedAt: null, endedAt: dayAt('2026-01-20') }, '2026-02-01', 'declined'],
])('an exception %s', (_name, change, at, state) => {
  expect(exceptionState(exception(change), dayAt(at))).toBe(state)
  expect(exceptionsInEffect([exception(change)], dayAt(at)).length).toBe(state === 'in_effect' ? 1 : 0)
})

test('an exception whose filter cannot be read accepts nothing', () => {
  expect(exceptionsInEffect([exception({ hosts: 'colour:red' })], dayAt('2026-02-01'))).toEqual([])
})

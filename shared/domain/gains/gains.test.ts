// Goal: what live patching gained is what its definitions say, and claims nothing that has not come yet. Method: cases worked by
// hand; and seeded histories, held against a slow walk through every moment and every day of the calendar.
import { expect, test } from 'vitest'
import type { ClassRun } from '../compliance/open-since.ts'
import { SEVERITIES } from '../exposure/exposure-words.ts'
import { seeded } from '../exposure/test-seeded.ts'
import { type GainsTold, gainsSentence, lengthWord } from './gains-sentence.ts'
import { type ClassFindings, type CveSaid, createFixFinder, type FixPeriod } from './live-fixes.ts'
import { REBOOT_WINDOWS, rebootWindows } from './reboot-window.ts'
import { type HostWithFixes, rebootsAvoided } from './reboots-avoided.ts'
import { countTimes, type TimesCounter } from './time-to-patch.ts'

const DAY_MS = 24 * 60 * 60_000
const at = (day: string) => Date.parse(day.length === 10 ? `${day}T00:00:00Z` : day)
const period = (
  finding: FixPeriod['finding'],
  from: string | number,
  to: string | number = Number.POSITIVE_INFINITY,
  more: Partial<FixPeriod> = {},
): FixPeriod => {
  const time = (value: string | number) => (typeof value === 'number' ? value : at(value))
  return { finding, from: time(from), to: time(to), by: finding === 'live' ? 'lp1' : null, fixAt: null, ...more }
}
const classOf = (periods: readonly (readonly FixPeriod[] | undefined)[]): ClassFindings => ({
  periods,
  live: periods.flatMap((list, cve) => (list?.some(({ finding }) => finding === 'live') ? [cve] : [])),
})
const said = (publishedOn: string | null, severity: CveSaid['severity'] = 'high'): CveSaid[] => [
  ...[{ severity, publishedAt: publishedOn === null ? null : at(publishedOn) }].map((one) => ({
    ...{ ...one, from: 0, to: Number.POSITIVE_INFINITY },
  })),
]
const run = (classId: string, from: string, to?: string): ClassRun => ({
  ...{ classId, from: at(from), to: to === undefined ? Number.POSITIVE_INFINITY : at(to) },
})
/** One host in one class, one CVE. */
const fixesOf = (periods: readonly FixPeriod[], publishedOn: string | null = '2026-01-05') =>
  createFixFinder(new Map([['a', classOf([periods])]]), [said(publishedOn)])([run('a', '2026-01-01')])
const one = (fixes: ReturnType<typeof fixesOf>) =>
  fixes.map((fix) => [fix.at, fix.exposedFrom[0], fix.fixableFrom[0]].map((time) => new Date(time ?? 0).toISOString()))
const day = (text: string) => `${text}T00:00:00.000Z`

test.each([
  [
    'published, fixed by the vendor, then by a livepatch',
    [period('open', '2026-01-07', '2026-01-20', { fixAt: at('2026-01-10') }), period('live', '2026-01-20')],
    [[day('2026-01-20'), day('2026-01-05'), day('2026-01-10')]],
  ],
  [
    'a fix without a date counts from the beginning',
    [period('open', '2026-01-07', '2026-01-20'), period('live', '2026-01-20')],
    [[day('2026-01-20'), day('2026-01-05'), day('2026-01-05')]],
  ],
  [
    'it was safe before, so what was before does not count',
    [
      period('safe', '2026-01-01', '2026-01-12'),
      period('open', '2026-01-12', '2026-01-20', { fixAt: at('2026-01-10') }),
      period('live', '2026-01-20'),
    ],
    [[day('2026-01-20'), day('2026-01-12'), day('2026-01-12')]],
  ],
  [
    'not knowing between is no end',
    [
      period('open', '2026-01-07', '2026-01-09'),
      period('unknown', '2026-01-09', '2026-01-20'),
      period('live', '2026-01-20'),
    ],
    [[day('2026-01-20'), day('2026-01-05'), day('2026-01-05')]],
  ],
  ['never open: nothing was fixed', [period('live', '2026-01-02')], []],
  [
    'not known before: nothing was fixed',
    [period('unknown', '2026-01-02', '2026-01-04'), period('live', '2026-01-04')],
    [],
  ],
  [
    'a gap of an upgrade is not fixed again',
    [
      period('open', '2026-01-07', '2026-01-20'),
      period('live', '2026-01-20', '2026-02-20'),
      period('open', '2026-02-20', '2026-02-21'),
      period('live', '2026-02-21', Number.POSITIVE_INFINITY, { by: 'lp2' }),
    ],
    [[day('2026-01-20'), day('2026-01-05'), day('2026-01-05')]],
  ],
  [
    'nor is what another livepatch takes over',
    [
      period('open', '2026-01-07', '2026-01-20'),
      period('live', '2026-01-20', '2026-02-20'),
      period('live', '2026-02-20', Number.POSITIVE_INFINITY, { by: 'lp2' }),
    ],
    [[day('2026-01-20'), day('2026-01-05'), day('2026-01-05')]],
  ],
])('%s', (_name, periods, expected) => expect(one(fixesOf(periods))).toEqual(expected))

test('of a host that was read first after the publication, days before that are not counted', () => {
  const classes = new Map([
    ['old', classOf([[period('open', '2026-01-07')]])],
    ['new', classOf([[period('live', '2026-01-08')]])],
  ])
  const fixes = createFixFinder(classes, [said('2020-01-01')])([
    run('old', '2026-01-10', '2026-01-12'),
    run('new', '2026-01-12'),
  ])
  expect(one(fixes)).toEqual([[day('2026-01-12'), day('2026-01-10'), day('2026-01-10')]])
  expect(one(fixesOf([period('open', '2026-01-07', '2026-01-09'), period('live', '2026-01-09')], null))).toEqual([
    [day('2026-01-09'), day('2026-01-07'), day('2026-01-07')],
  ])
})

test('windows of real months, by the end of their day', () => {
  const of = (word: (typeof REBOOT_WINDOWS)[number]) =>
    rebootWindows(word, at('2026-12-31'))
      .between(at('2026-10-01'), at('2026-12-31'))
      .map((end) => new Date(end - DAY_MS).toISOString().slice(0, 10))
  expect(of('second-tuesday')).toEqual(['2026-10-13', '2026-11-10', '2026-12-08'])
  expect(of('first-thursday')).toEqual(['2026-10-01', '2026-11-05', '2026-12-03'])
  expect(of('fourth-sunday')).toEqual(['2026-10-25', '2026-11-22', '2026-12-27'])
  expect(of('last-saturday')).toEqual(['2026-10-31', '2026-11-28', '2026-12-26'])
  // 13 January 1970 was a Tuesday, and so was 9 December 1969.
  expect(rebootWindows('second-tuesday', 0).after(0)).toBe(at('1970-01-14'))
  expect(rebootWindows('second-tuesday', at('1969-12-01')).after(at('1969-12-01'))).toBe(at('1969-12-10'))
  const { after } = rebootWindows('second-tuesday', at('2026-11-30'))
  expect(after(at('2026-11-10T23:59:59Z'))).toBe(at('2026-11-11'))
  expect(after(at('2026-11-11'))).toBe(at('2026-12-09'))
})

const reckoned = (times: TimesCounter) => {
  const steps = times.reckon()
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** A livepatch each, that fixed one CVE for the first time. */
const host = (fixes: Record<string, string>, boots: readonly string[] = []): HostWithFixes => ({
  fixes: Object.entries(fixes).map(([livepatch, moment], index, all) => ({
    ...{ at: at(moment), livepatch, isFirst: all.findIndex(([name]) => name[0] === livepatch[0]) === index },
    ...{ severities: [1], exposedFrom: [at(moment) - 10 * DAY_MS], fixableFrom: [at(moment) - 2 * DAY_MS] },
  })),
  boots: boots.map(at),
})

// Windows: 13 October, 10 November, 8 December 2026.
test.each([
  ['fixed, and no boot until the window', host({ a: '2026-10-20' }), { avoided: 1, hosts: 1 }],
  ['booted before the window all the same', host({ a: '2026-10-20' }, ['2026-11-10T20:00:00Z']), { bootedAnyway: 1 }],
  [
    'a boot before the fix, and one behind the window',
    host({ a: '2026-10-20' }, ['2026-10-19', '2026-11-11T00:00:01Z']),
    { avoided: 1, hosts: 1 },
  ],
  ['two livepatches until one window: one boot', host({ a: '2026-10-20', b: '2026-11-02' }), { avoided: 1, hosts: 1 }],
  ['one before and one behind a window: two', host({ a: '2026-10-01', b: '2026-11-02' }), { avoided: 2, hosts: 1 }],
  ['the same livepatch again: one', host({ a1: '2026-10-20', a2: '2026-11-12' }), { avoided: 1, hosts: 1 }],
  ['the window has not come: nothing yet', host({ a: '2026-11-12' }), { pending: 1 }],
  ['not come, and booted already', host({ a: '2026-11-12' }, ['2026-11-13']), {}],
  ['a window before the time that is asked for', host({ a: '2026-08-20' }), {}],
] as const)('%s', (_name, given, expected) => {
  const asked = {
    from: at('2026-09-15'),
    at: at('2026-11-20'),
    windows: rebootWindows('second-tuesday', at('2026-11-20')),
  }
  expect(rebootsAvoided([given], asked)).toEqual({ avoided: 0, hosts: 0, bootedAnyway: 0, pending: 0, ...expected })
})

test('time to patch, beside the first window after the fix, which may be the shorter one', () => {
  const [from, until] = [at('2026-09-01'), at('2026-12-01')]
  const times = countTimes({ from, at: until, windows: rebootWindows('second-tuesday', until) })
  // The fix was there on 18 October: 23 days until the end of 10 November. The second host's on 9 November: two.
  times.add(host({ a: '2026-10-20' }))
  times.add(host({ a: '2026-11-11' }))
  times.add(host({ a: '2026-08-20' }))
  const days = (mean: number, median = mean) => ({ mean: mean * DAY_MS, median: median * DAY_MS })
  const expected = {
    exposures: 2,
    fromPublication: { live: days(10), window: days((32 + 10) / 2) },
    fromFix: { live: days(2), window: days((24 + 2) / 2) },
  }
  expect(reckoned(times)).toEqual({ all: expected, bySeverity: [{ severity: 'high', ...expected }] })
})

const TOLD: GainsTold = {
  ...{ days: 90, window: 'second-tuesday', windowsPassed: 3, nextWindow: '2026-12-08' },
  ...{ reboots: { avoided: 1204, hosts: 812, bootedAnyway: 3, pending: 40 }, uptimeKeptMs: 1204 * 10 * 60_000 },
  times: {
    all: {
      exposures: 9,
      fromPublication: { live: { mean: 0, median: 0 }, window: { mean: 0, median: 0 } },
      fromFix: { live: { mean: 3 * DAY_MS, median: 0 }, window: { mean: 19 * DAY_MS, median: 0 } },
    },
  },
}
const NO_BOOTS = { avoided: 0, hosts: 0, bootedAnyway: 0, pending: 0 }

test.each<[GainsTold, string]>([
  [
    TOLD,
    '1,204 reboots avoided on 812 hosts, 8.4 days of uptime kept; 40 more if those hosts do not boot by 8 December 2026. What livepatches fixed was open for 3 days with a fix at hand; with a monthly reboot it would have been 19 days.',
  ],
  [
    { ...TOLD, windowsPassed: 0, reboots: { ...NO_BOOTS, pending: 1 }, times: { all: null } },
    'No second Tuesday has come since these hosts were first read, so no reboot counts as avoided yet: without livepatches 1 host would need one by 8 December 2026.',
  ],
  [
    { ...TOLD, reboots: NO_BOOTS, times: { all: null } },
    'No livepatch fixed anything that was open in the last 90 days.',
  ],
  [
    { ...TOLD, reboots: { ...NO_BOOTS, avoided: 1, hosts: 1 }, uptimeKeptMs: 600_000, times: { all: null } },
    '1 reboot avoided on 1 host, 10 minutes of uptime kept.',
  ],
])('in one sentence: %#', (told, expected) => expect(gainsSentence(told)).toBe(expected))

test('lengths in words', () => {
  const hours = [0, 0.5, 1, 7.25, 47, 48, 230, 4800]
  expect(hours.map((hour) => lengthWord(hour * 60 * 60_000))).toEqual([
    ...['0 minutes', '30 minutes', '1 hour', '7.3 hours', '47 hours', '2 days', '9.6 days', '200 days'],
  ])
})

const STEP_MS = 12 * 60 * 60_000
const STEPS = 320
const START = at('2026-03-01')
const CVES = 4

/** Some classes with verdicts, and hosts that go from one to another. */
const historyOf = (seed: number) => {
  const { below, chance, pick } = seeded(seed)
  const stretches = <T>(longest: number, of: (from: number, to: number) => T): T[] => {
    const list: T[] = []
    for (let from = below(30); from < STEPS; ) {
      const to = from + 1 + below(longest)
      list.push(of(START + from * STEP_MS, to >= STEPS ? Number.POSITIVE_INFINITY : START + to * STEP_MS))
      from = to
    }
    return list
  }
  const findings = ['open', 'open', 'open', 'live', 'live', 'safe', 'unknown'] as const
  const cves = Array.from({ length: CVES }, () =>
    stretches(200, (from, to): CveSaid => {
      const publishedAt = chance(0.2) ? null : START + (below(200) - 60) * STEP_MS
      return { ...{ from, to, publishedAt }, severity: pick(SEVERITIES) }
    }),
  )
  const classes = new Map(
    ['a', 'b', 'c'].map((id) => [
      id,
      classOf(
        Array.from({ length: CVES }, () =>
          stretches(80, (from, to) => {
            const finding = pick(findings)
            const by = finding === 'live' ? `lp${below(4)}` : null
            const fixAt = finding === 'open' && chance(0.7) ? from - (below(40) - 10) * STEP_MS : null
            return period(finding, from, to, { by, fixAt })
          }),
        ),
      ),
    ]),
  )
  const hosts = Array.from({ length: 3 }, () => ({
    runs: stretches(90, (from, to): ClassRun => ({ from, to, classId: pick(['a', 'b', 'c']) })),
    boots: Array.from({ length: below(4) }, () => START + below(STEPS) * STEP_MS + 1),
  }))
  const window = pick(REBOOT_WINDOWS)
  const until = START + (STEPS / 2 + below(STEPS / 2)) * STEP_MS
  return { cves, classes, hosts, window, until, from: until - (10 + below(60)) * DAY_MS }
}

const SUNDAY_FIRST = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

/** Every window's end, by walking through the days of the calendar. */
const windowEnds = (window: string): number[] => {
  const [rank = '', weekday = ''] = window.split('-')
  const ends: number[] = []
  let ofMonth: number[] = []
  for (let midnight = at('2025-12-01'); midnight <= at('2026-12-01'); midnight += DAY_MS) {
    const date = new Date(midnight)
    if (date.getUTCDate() === 1) {
      const index = rank === 'last' ? ofMonth.length - 1 : ['first', 'second', 'third', 'fourth'].indexOf(rank)
      const found = ofMonth[index]
      if (found !== undefined) ends.push(found + DAY_MS)
      ofMonth = []
    }
    if (SUNDAY_FIRST[date.getUTCDay()] === weekday) ofMonth.push(midnight)
  }
  return ends
}

const slowly = ({ cves, classes, hosts, window, until, from }: ReturnType<typeof historyOf>) => {
  const ends = windowEnds(window)
  const nextEnd = (moment: number) => ends.find((end) => end > moment) ?? Number.NaN
  const counts = { ...NO_BOOTS }
  const lengths: { severity: string; values: number[] }[] = []
  for (const { runs, boots } of hosts) {
    const fixes: { moment: number; by: string }[] = []
    for (let cve = 0; cve < CVES; cve += 1) {
      let known = 'nothing'
      let before = 'nothing'
      let since = 0
      let fixAt: number | null = null
      for (let moment = START; moment < START + STEPS * STEP_MS; moment += STEP_MS) {
        const there = (one: { from: number; to: number }) => one.from <= moment && moment < one.to
        const found = classes.get(runs.find(there)?.classId ?? '')?.periods[cve]?.find(there)
        if (found === undefined || found.finding === 'unknown') continue
        if (found.finding === 'open') {
          if (known !== 'open') [before, since] = [known, moment]
          fixAt = found.fixAt
        }
        if (found.finding === 'live' && known === 'open' && before !== 'live') {
          fixes.push({ moment, by: found.by ?? '' })
          const facts = cves[cve]?.find(there)
          const read = runs[0]?.from ?? 0
          let begin = since
          if (facts?.publishedAt !== null && facts !== undefined) {
            begin = Math.max(facts.publishedAt, before === 'safe' ? since : read)
          }
          begin = Math.min(begin, moment)
          const fixable = Math.min(moment, Math.max(begin, fixAt ?? begin))
          const end = nextEnd(fixable)
          if (moment > from && moment <= until) {
            const values = [moment - begin, end - begin, moment - fixable, end - fixable]
            lengths.push({ severity: facts?.severity ?? 'unknown', values })
          }
        }
        known = found.finding
      }
    }
    fixes.sort((left, right) => left.moment - right.moment)
    const first = fixes.filter((fix) => fixes.find(({ by }) => by === fix.by)?.moment === fix.moment)
    let some = false
    for (const [index, end] of ends.entries()) {
      const begun = ends[index - 1] ?? 0
      const earliest = first.find(({ moment }) => moment >= begun && moment < end && moment <= until)
      if (earliest === undefined || end <= from) continue
      const booted = boots.some((boot) => boot > earliest.moment && boot <= end && boot <= until)
      if (end > until) counts.pending += booted ? 0 : 1
      else if (booted) counts.bootedAnyway += 1
      else {
        counts.avoided += 1
        some = true
      }
    }
    if (some) counts.hosts += 1
  }
  const spread = (list: typeof lengths, index: number) => {
    const values = list.map((one) => one.values[index] ?? 0).sort((left, right) => left - right)
    const middle = [values[Math.ceil(values.length / 2) - 1] ?? 0, values[Math.floor(values.length / 2)] ?? 0]
    return {
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
      median: ((middle[0] ?? 0) + (middle[1] ?? 0)) / 2,
    }
  }
  const timeOf = (list: typeof lengths) =>
    list.length === 0
      ? null
      : {
          exposures: list.length,
          fromPublication: { live: spread(list, 0), window: spread(list, 1) },
          fromFix: { live: spread(list, 2), window: spread(list, 3) },
        }
  const bySeverity = SEVERITIES.flatMap((severity) => {
    const time = timeOf(lengths.filter((length) => length.severity === severity))
    return time === null ? [] : [{ severity, ...time }]
  })
  return { counts, times: { all: timeOf(lengths), bySeverity } }
}

test('random histories, moment by moment and day by day', () => {
  const first = Number(process.env.SEED ?? 1)
  let exposures = 0
  const total = { ...NO_BOOTS }
  for (let seed = first; seed < first + 200; seed += 1) {
    const history = historyOf(seed)
    const find = createFixFinder(history.classes, history.cves)
    const asked = { from: history.from, at: history.until, windows: rebootWindows(history.window, history.until) }
    const hosts = history.hosts.map(({ runs, boots }) => ({ fixes: find(runs), boots }))
    const times = countTimes(asked)
    for (const one of hosts) times.add(one)
    const fast = { counts: rebootsAvoided(hosts, asked), times: reckoned(times) }
    expect(fast, `SEED=${seed}`).toEqual(slowly(history))
    exposures += fast.times.all?.exposures ?? 0
    for (const word of Object.keys(total) as (keyof typeof total)[]) total[word] += fast.counts[word]
  }
  expect(exposures).toBeGreaterThan(300)
  for (const counted of Object.values(total)) expect(counted).toBeGreaterThan(20)
})

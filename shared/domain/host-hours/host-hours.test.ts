// Goal: sums of edges give each hour of each day to the right part, and gaps are those moments in which a fix was gone again. Method: a
// case by hand; and random histories, held against a counter that looks at every minute of every host.
import { expect, test } from 'vitest'
import { seeded } from '../exposure/test-seeded.ts'
import { gapsOfHost, type HostPeriod } from './gaps-of-host.ts'
import { HOST_HOUR_PARTS } from './host-hour-words.ts'
import { DAY_MS, type DayEdges, HOUR_MS, hoursByDay, noMilliseconds, type Span } from './hours-by-day.ts'

const MINUTE = 60_000
const SEED = Number(process.env.SEED ?? 20_261_127)

const edgesOf = (spans: readonly (Span & Pick<DayEdges, 'part'>)[]): DayEdges[] =>
  spans.flatMap(({ part, from, to }) =>
    [
      { at: from, net: 1 },
      { at: to, net: -1 },
    ].map(({ at, net }) => {
      const day = Math.floor(at / DAY_MS)
      return { part, day, net, left: net * ((day + 1) * DAY_MS - at) }
    }),
  )

const periods = (...told: readonly [number, number, HostPeriod['finding'], boolean?][]): HostPeriod[] =>
  told.map(([from, to, finding, inTransition = false]) => ({
    ...{ from: from * HOUR_MS, to: to * HOUR_MS, finding, inTransition },
  }))

test('an upgrade that takes the old livepatch out first, and a livepatch that is taken out for good', () => {
  const history = periods(
    [0, 30, 'open'],
    [30, 32, 'open', true],
    [32, 50, 'fixed'],
    [50, 51, 'open'],
    [51, 51.1, 'unknown'],
    [51.1, 53, 'open', true],
    [53, 80, 'fixed'],
    [80, Number.POSITIVE_INFINITY, 'open'],
  )
  const window = { from: 10 * HOUR_MS, to: 100 * HOUR_MS }
  expect(gapsOfHost(history, window)).toEqual([
    { from: 50 * HOUR_MS, to: 53 * HOUR_MS, open: 2.9 * HOUR_MS, inTransition: true, goesOn: false },
    { from: 80 * HOUR_MS, to: 100 * HOUR_MS, open: 20 * HOUR_MS, inTransition: false, goesOn: true },
  ])
})

test('what was fixed before the window counts; a kernel without the fault ends a gap; before any fix there is none', () => {
  const window = { from: 40 * HOUR_MS, to: 90 * HOUR_MS }
  const gaps = gapsOfHost(periods([0, 10, 'fixed'], [10, 50, 'open'], [50, 60, 'safe'], [60, 70, 'open']), window)
  expect(gaps.map(({ from, to }) => [from / HOUR_MS, to / HOUR_MS])).toEqual([
    [40, 50],
    [60, 70],
  ])
  expect(gapsOfHost(periods([0, 50, 'open'], [50, 60, 'safe'], [60, 70, 'open'], [70, 80, 'fixed']), window)).toEqual(
    [],
  )
})

test('a window that is empty has no days', () => {
  expect(hoursByDay([], { from: DAY_MS, to: DAY_MS })).toEqual([])
})

test(`random spans and histories, minute by minute (seed ${SEED})`, () => {
  const random = seeded(SEED)
  const LENGTH = 4 * 24 * 60
  const seen = { ...noMilliseconds(), gaps: 0 }
  for (let round = 0; round < 120; round += 1) {
    const start = random.below(2000)
    const window = { from: start * MINUTE, to: (start + 1 + random.below(LENGTH)) * MINUTE }
    const spans = Array.from({ length: random.below(12) }, () => {
      const [one, other] = [0, 0].map(() => window.from + random.below((window.to - window.from) / MINUTE + 1) * MINUTE)
      const [from = 0, to = 0] = [one ?? 0, other ?? 0].sort((left, right) => left - right)
      return { part: random.pick(HOST_HOUR_PARTS), from, to }
    })
    const minutes = new Map<number, ReturnType<typeof noMilliseconds>>()
    for (let at = window.from; at < window.to; at += MINUTE) {
      const day = Math.floor(at / DAY_MS)
      const spent = minutes.get(day) ?? noMilliseconds()
      minutes.set(day, spent)
      for (const { part, from, to } of spans) {
        if (from > at || at >= to) continue
        spent[part] += MINUTE
        seen[part] += 1
      }
    }
    expect(hoursByDay(edgesOf(spans), window), `days of round ${round}`).toEqual(
      [...minutes].map(([day, spent]) => ({ day, spent })),
    )

    const history: HostPeriod[] = []
    for (let from = random.below(500); from < LENGTH; from += random.chance(0.3) ? random.below(200) : 0) {
      const to = random.chance(0.05) ? Number.POSITIVE_INFINITY : from + 1 + random.below(900)
      const finding = random.pick(['open', 'open', 'fixed', 'safe', 'unknown'] as const)
      history.push({ from: from * MINUTE, to: to * MINUTE, finding, inTransition: random.chance(0.3) })
      from = to
    }
    const expected: { from: number; to: number; open: number; inTransition: boolean }[] = []
    let [wasFixed, inGap] = [false, false]
    for (let at = 0; at < window.to; at += MINUTE) {
      const period = history.find(({ from, to }) => from <= at && at < to)
      if (period?.finding === 'fixed' || period?.finding === 'safe') inGap = false
      if (period?.finding === 'fixed') wasFixed = true
      if (at < window.from || period?.finding !== 'open' || !wasFixed) continue
      if (!inGap) expected.push({ from: at, to: at, open: 0, inTransition: false })
      inGap = true
      const gap = expected.at(-1)
      if (gap === undefined) continue
      Object.assign(gap, { to: at + MINUTE, open: gap.open + MINUTE })
      gap.inTransition ||= period.inTransition
      seen.gaps += 1
    }
    const gaps = gapsOfHost(history, window)
    expect(
      gaps.map(({ goesOn: _, ...gap }) => gap),
      `gaps of round ${round}`,
    ).toEqual(expected)
  }
  for (const [what, minutes] of Object.entries(seen)) expect(minutes, what).toBeGreaterThan(1_000)
})

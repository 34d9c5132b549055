// Goal: days are counted from when a host was first open without a break, whatever classes it went through. Method: worked cases;
// and random histories, held against a walk through every moment.
import { expect, test } from 'vitest'
import { type ClassRun, type Finding, type FindingPeriod, openSince } from './open-since.ts'

const period = (finding: Finding, from: number, to = Number.POSITIVE_INFINITY): FindingPeriod => ({ finding, from, to })
const run = (classId: string, from: number, to = Number.POSITIVE_INFINITY): ClassRun => ({ classId, from, to })
const since = (runs: readonly ClassRun[], periods: Record<string, FindingPeriod[]>) =>
  openSince(
    runs,
    runs.map(({ classId }) => [periods[classId] ?? []]),
    0,
  )

test.each([
  ['its class was open before it came', [run('a', 5)], { a: [period('open', 1)] }, 5],
  ['its class became open while it was there', [run('a', 5)], { a: [period('safe', 1, 8), period('open', 8)] }, 8],
  [
    'another class does not begin it anew',
    [run('a', 2, 9), run('b', 9)],
    { a: [period('open', 1)], b: [period('open', 1)] },
    2,
  ],
  [
    'nor does a class that is judged late',
    [run('a', 2, 9), run('b', 9)],
    { a: [period('open', 1)], b: [period('open', 11)] },
    2,
  ],
  ['nor does not knowing', [run('a', 1)], { a: [period('open', 1, 4), period('unknown', 4, 6), period('open', 6)] }, 1],
  [
    'an hour in a class that is safe does',
    [run('a', 1, 4), run('b', 4, 6), run('a', 6)],
    { a: [period('open', 0)], b: [period('safe', 0)] },
    6,
  ],
  [
    'what a class was before the host came is nothing to it',
    [run('a', 6)],
    { a: [period('open', 1, 3), period('safe', 3, 5), period('open', 5)] },
    6,
  ],
  ['it is not open', [run('a', 1)], { a: [period('safe', 0)] }, undefined],
])('%s', (_name, runs, periods, expected) => expect(since(runs, periods)).toBe(expected))

test('random histories, moment by moment', () => {
  let state = 7
  const chance = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return Math.floor((state / 0x80000000) * below)
  }
  const END = 60
  let open = 0
  for (let round = 0; round < 2_000; round += 1) {
    const periods: Record<string, FindingPeriod[]> = {}
    for (const classId of ['a', 'b', 'c']) {
      const list: FindingPeriod[] = []
      for (let from = chance(20); from < END; ) {
        const to = from + 1 + chance(25)
        const finding = (['open', 'open', 'safe', 'unknown'] as const)[chance(4)] ?? 'open'
        list.push(period(finding, from, to >= END ? Number.POSITIVE_INFINITY : to))
        from = to
      }
      periods[classId] = list
    }
    const runs: ClassRun[] = []
    for (let from = chance(20); from < END; ) {
      const to = from + 1 + chance(25)
      runs.push(run(['a', 'b', 'c'][chance(3)] ?? 'a', from, to >= END ? Number.POSITIVE_INFINITY : to))
      from = to
    }
    const findingAt = (moment: number) => {
      const there = runs.find(({ from, to }) => from <= moment && moment < to)
      return periods[there?.classId ?? '']?.find(({ from, to }) => from <= moment && moment < to)?.finding
    }
    let expected: number | undefined
    for (let moment = END; moment >= 0; moment -= 1) {
      const finding = findingAt(moment)
      if (finding === 'safe') break
      if (finding === 'open') expected = moment
    }
    if (expected !== undefined) open += 1
    expect(since(runs, periods), JSON.stringify({ round, runs, periods })).toBe(expected)
  }
  expect(open).toBeGreaterThan(500)
})

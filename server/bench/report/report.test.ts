// Goal: what a bench says of itself is what was measured, a missed or missing figure is never called met, and writing one part leaves
// the others' text. Method: the pure functions on figures whose medians and exponents are known.
import { describe, expect, test } from 'vitest'
import { type BenchResult, resultText, withPart } from './bench-page.ts'
import { benchRow } from './bench-row.ts'
import { growthExponent } from './growth-exponent.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

describe('a row', () => {
  test('holds median, p99 and the ratio of medians', () => {
    const beside = { name: 'peer', values: upTo(200).map((value) => value * 4) }
    const row = benchRow({ what: 'asked', unit: 'ms', values: upTo(200).toReversed(), beside })
    expect(row).toMatchObject({ ours: { median: 101, p99: 199, count: 200 }, ratio: 0.25, budget: null, met: null })
    expect(row.beside).toEqual({ name: 'peer', median: 404, p99: 796, count: 200 })
  })
  test('of one value has no p99', () => {
    expect(benchRow({ what: 'once', unit: 's', values: [1.23456] }).ours).toEqual({
      median: 1.235,
      p99: null,
      count: 1,
    })
  })
  test.each([
    [{ of: 'median', atMost: 101 }, true],
    [{ of: 'median', atMost: 100 }, false],
    [{ of: 'p99', atMost: 198 }, false],
    [{ of: 'p99', atMost: 199 }, true],
    [{ of: 'ratio', atMost: 0.5 }, true],
    [{ of: 'ratio', atMost: 0.49 }, false],
    [{ of: 'median', atLeast: 101 }, true],
    [{ of: 'median', atLeast: 102 }, false],
  ] as const)('%o is met: %s', (budget, met) => {
    const beside = { name: 'peer', values: [202] }
    expect(benchRow({ what: 'asked', unit: 'ms', values: upTo(200), beside, budget }).met).toBe(met)
  })
  test('that was not measured is not met', () => {
    expect(benchRow({ what: 'asked', unit: 'ms', values: [], budget: { of: 'median', atMost: 5 } }).met).toBe(false)
    const budget = { of: 'ratio', atMost: 5 } as const
    expect(benchRow({ what: 'asked', unit: 'ms', values: [1], budget }).met).toBe(false)
    const beside = { name: 'peer', values: [] }
    expect(benchRow({ what: 'asked', unit: 'ms', values: [1], beside, budget }).met).toBe(false)
  })
})

describe('the exponent of a growth', () => {
  const sizes = [100, 1_000, 10_000, 100_000]
  test.each([0, 0.5, 0.7, 1, 1.05, 2])('%d is found again', (exponent) => {
    expect(growthExponent(sizes.map((size) => [size, 3 * size ** exponent]))).toBeCloseTo(exponent, 10)
  })
  test('is the one that lies nearest to all points, not to the first and the last', () => {
    // 1, 2, 2, 2 in logarithms to the base of ten: (-1.5·1 - 0.5·2 + 0.5·2 + 1.5·2) / 5.
    expect(growthExponent(sizes.map((size, index) => [size, index === 0 ? 10 : 100]))).toBeCloseTo(0.3, 10)
  })
  test('needs two sizes, and costs above zero', () => {
    expect(() => growthExponent([])).toThrow(RangeError)
    expect(() => growthExponent([[10, 1]])).toThrow(RangeError)
    expect(() =>
      growthExponent([
        [10, 1],
        [10, 2],
      ]),
    ).toThrow(RangeError)
    expect(() =>
      growthExponent([
        [10, 0],
        [100, 2],
      ]),
    ).toThrow(RangeError)
  })
})

describe('the page', () => {
  const result: BenchResult = {
    ...{ part: 'queries', command: 'npm run bench -- queries', takenAt: '2026-11-27T04:00:00.000Z', commit: 'abc1234' },
    machine: { processor: 'Some CPU', cores: 2, memoryBytes: 24 * 2 ** 30 },
    load: { before: 0.1, after: 2 },
    versions: { Node: '20.20.0', Prometheus: '2.42.0' },
    rows: [
      benchRow({
        ...{ what: 'share | by state', unit: 'ms', values: [1, 2, 3], budget: { of: 'ratio', atMost: 0.2 } },
        beside: { name: 'Prometheus', values: [20] },
      }),
      benchRow({ what: 'memory', unit: 'MB', values: [1_234.5], budget: { of: 'median', atMost: 1_000 } }),
    ],
    notes: ['10,000 hosts.'],
  }
  test('begins with what was promised, where something was', () => {
    const lines = resultText({ ...result, promise: 'nothing is lost.' }).split('\n')
    expect(lines.slice(0, 2)).toEqual(['Promised: nothing is lost.', ''])
    expect(lines.slice(2)).toEqual(resultText(result).split('\n'))
  })
  test('says what was measured, on which machine, and what was not met', () => {
    expect(resultText(result).split('\n')).toEqual([
      '2026-11-27, commit abc1234, Node 20.20.0, Prometheus 2.42.0; Some CPU, 2 cores, 24 GiB; load of 0.10 at the start and 2 at the end.',
      '',
      '|  | median, p99 | beside it | ratio | asked for |',
      '| --- | --- | --- | --- | --- |',
      '| share \\| by state | 2, 3 ms | 20 ms (Prometheus) | 0.10 | ratio at most 0.20: met |',
      '| memory | 1,235 MB |  |  | at most 1,000 MB: NOT met |',
      '',
      '10,000 hosts.',
    ])
  })
  test('has one part written anew, and keeps all else', () => {
    const marked = (part: string, text: string) =>
      `<!-- bench ${part}: written by its run -->\n${text}\n<!-- bench ${part}: end -->\n`
    const page = `# Head\n\n${marked('flood', 'old')}\nprose\n\n${marked('queries', 'old\n\nold')}\ntail\n`
    const written = withPart(page, 'queries', 'new')
    expect(written).toBe(`# Head\n\n${marked('flood', 'old')}\nprose\n\n${marked('queries', 'new')}\ntail\n`)
    expect(withPart(written, 'queries', 'new')).toBe(written)
    expect(() => withPart(page, 'other', 'new')).toThrow('no marks of the part other')
  })
})

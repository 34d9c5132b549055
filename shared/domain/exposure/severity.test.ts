// Goal: of many scores one counts, and always the same. Method: CVEs with scores of several, given in any order.
import { expect, test } from 'vitest'
import { epssOf, knownExploited, severityOf, severityOfScore } from './severity.ts'
import { testKnowledge, testRecord } from './test-exposure.ts'

const score = (by: string, value: number, version = '3.1') => ({ by, version, score: value, vector: null })
const scored = (...scores: ReturnType<typeof score>[]) => testKnowledge('CVE-2026-10000', testRecord({ scores }))

test.each([
  [0, 'low'],
  [3.9, 'low'],
  [4, 'medium'],
  [6.9, 'medium'],
  [7, 'high'],
  [8.9, 'high'],
  [9, 'critical'],
  [10, 'critical'],
] as const)('CVSS 3.1: %d is %s', (value, severity) => expect(severityOfScore(value)).toBe(severity))

test('CVSS 2 knows nothing critical', () => expect(severityOfScore(10, '2.0')).toBe('high'))

test('the kernel’s own CNA goes before a vendor, a vendor before NVD, whichever is the higher', () => {
  const [linux, redHat, nvd] = [score('Linux', 5.5), score('Red Hat', 7), score('NVD', 9.8)]
  expect(severityOf(scored(nvd, redHat, linux))).toMatchObject({ by: 'Linux', severity: 'medium' })
  expect(severityOf(scored(nvd, redHat))).toMatchObject({ by: 'Red Hat', severity: 'high' })
  expect(severityOf(scored(nvd))).toMatchObject({ by: 'NVD', severity: 'critical' })
})

test('a score of today’s scale goes before one of version 2, whoever gave it', () => {
  expect(severityOf(scored(score('Linux', 7.2, '2.0'), score('somebody', 4)))).toMatchObject({ by: 'somebody' })
})

test('what nobody scored has no severity', () => {
  expect(severityOf(scored())).toEqual({ severity: 'unknown', score: null, by: null, version: null, vector: null })
})

test('known exploited since the earliest day that is told', () => {
  const kev = (addedOn: string, ransomware: boolean) => ({ kind: 'kev', addedOn, dueOn: null, ransomware }) as const
  expect(knownExploited(testKnowledge('CVE-2026-10000', kev('2026-02-01', false), kev('2026-01-01', true)))).toEqual({
    ...{ addedOn: '2026-01-01', ransomware: true },
  })
  expect(knownExploited(scored())).toBeNull()
})

test('the newest score of EPSS, with its model', () => {
  const epss = (scoredOn: string, model: string) =>
    ({ kind: 'epss', score: 0.1, percentile: null, scoredOn, model }) as const
  const cve = testKnowledge('CVE-2026-10000', epss('2026-02-01', 'v4'), epss('2026-01-01', 'v3'))
  expect(epssOf(cve)).toMatchObject({ model: 'v4' })
  expect(epssOf(scored())).toBeNull()
})

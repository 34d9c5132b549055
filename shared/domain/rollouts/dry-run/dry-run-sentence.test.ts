// Goal: what a dry run comes to is said first, short and true. Method: results that the test makes, and their sentences.
import { expect, test } from 'vitest'
import type { DryRunResult, HostAtRisk } from '../../../contract/dry-run.ts'
import { dryRunSentence, roughSpan } from './dry-run-sentence.ts'

const same = (value: number) => ({ p10: value, p50: value, p90: value })
const risk = (name: string, stalledRuns: number): HostAtRisk => ({
  ...{ host: { id: '77777777-7777-4777-8777-000000000001', name }, wave: 0, stalledRuns, failedRuns: 0, reasons: [] },
})
type Told = Parameters<typeof dryRunSentence>[0]
const told = (rest: Partial<Told> = {}): Told => ({
  ...{ duration: { p10: 33 * 60, p50: 41 * 60, p90: 58 * 60 }, runs: 20, hosts: { going: 40, there: 0, others: 2 } },
  ends: [{ phase: 'done', runs: 20, because: null }] as DryRunResult['ends'],
  ...{ stalls: same(0), failures: same(0), asks: same(0), atRisk: [] },
  ...rest,
})

test.each([
  [45, '45 s'],
  [41 * 60, '41 min'],
  [3 * 3600 + 20 * 60, '3 h 20 min'],
  [4 * 3600, '4 h'],
  [52 * 3600, '2 d 4 h'],
])('%i seconds are %s', (seconds, text) => expect(roughSpan(seconds)).toBe(text))

test('how long, over how many, and that nobody is expected to stall', () => {
  expect(dryRunSentence(told())).toBe('About 41 min (33 min to 58 min) for 40 hosts; no host is expected to stall.')
})

test('who will likely stall, by name', () => {
  const three = ['web-1', 'web-2', 'web-3'].map((name) => risk(name, 18))
  const sentence = dryRunSentence(told({ stalls: same(3), atRisk: [...three, risk('web-4', 2)], asks: same(2) }))
  expect(sentence).toBe(
    'About 41 min (33 min to 58 min) for 40 hosts; 3 hosts will likely stall: web-1, web-2 and web-3. It stops twice for somebody.',
  )
})

test('that some will stall of whom nobody can say which', () => {
  expect(dryRunSentence(told({ stalls: same(2) }))).toContain('; about 2 hosts can be expected to stall.')
})

test('what may stall is told apart from what will', () => {
  expect(dryRunSentence(told({ stalls: { p10: 0, p50: 0, p90: 2 } }))).toContain('up to 2 hosts may stall')
})

test('where it is so already no time is promised for', () => {
  expect(dryRunSentence(told({ hosts: { going: 40, there: 28, others: 0 } }))).toContain(
    'for 12 hosts, and 28 where it is so already;',
  )
})

test('how it ends, where it does not end well', () => {
  const because = 'host-1 failed, and none may.'
  const ends: DryRunResult['ends'] = [
    { phase: 'done', runs: 12, because: null },
    { phase: 'reversed', runs: 8, because },
  ]
  expect(dryRunSentence(told({ ends }))).toContain(`In 8 of 20 runs it ends reversed: ${because}`)
  const never: DryRunResult['ends'] = [{ phase: 'running', runs: 20, because: 'It is not over after 60 days.' }]
  expect(dryRunSentence(told({ ends: never, duration: null }))).toBe(
    'It comes to no end: It is not over after 60 days.',
  )
  expect(dryRunSentence(told({ hosts: { going: 0, there: 0, others: 4 } }))).toBe('No host would be changed.')
})

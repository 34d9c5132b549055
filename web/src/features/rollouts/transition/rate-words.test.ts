// Goal: rates and the expected end read as what they are, a range and for whom, never as a promise. Method: by example.
import type { WaveEstimate } from '@rebootless/shared/contract/rollout-transition.ts'
import { expect, test } from 'vitest'
import { endWords, hostRateWord, taskRateWord } from './rate-words.ts'

const NOW = Date.parse('2026-11-26T12:00:00.000Z')
const estimate = (from: number | null, to: number | null, unknownHosts = 0): WaveEstimate => ({
  earliest: from === null ? null : new Date(NOW + from * 1000).toISOString(),
  latest: to === null ? null : new Date(NOW + to * 1000).toISOString(),
  ...{ hosts: from === null ? 0 : 3, unknownHosts, condition: '' },
})
const words = (...given: Parameters<typeof estimate>) => endWords(estimate(...given), NOW).replaceAll('\u00a0', ' ')

test('rates', () => {
  expect([null, 0, 0.001, 0.5, 1234.4].map(taskRateWord)).toEqual([
    'not known yet',
    'nothing moves',
    '1 a minute',
    '30 a minute',
    '1,234 a second',
  ])
  expect([null, 0.05, 12].map(hostRateWord)).toEqual(['not known yet', '3 an hour', '12 a minute'])
})

test('the expected end', () => {
  expect(words(null, null)).toBe('all are through')
  expect(words(null, null, 2)).toBe('no estimate')
  expect(words(60, 180)).toBe('in 1 min to 3 min')
  expect(words(60, 180, 2)).toBe('in 1 min to 3 min, for 3 hosts')
  expect(words(-5, 20)).toBe('in up to 20 s')
  expect(words(20, 20)).toBe('in 20 s')
  expect(words(-5, -1)).toBe('any moment')
})

// Goal: whoever signs sees how old that is by which hosts were judged. Method: the words of feeds in each state.
import { expect, test } from 'vitest'
import { exactTime } from '../../ui/duration.ts'
import { judgedByWords } from './judged-by.ts'

test('feeds by when they were read, and what ships by the day of its facts', () => {
  const at = '2026-11-27T05:10:00.000Z'
  expect(
    judgedByWords([
      { name: 'CISA KEV', readAt: at, factsUntil: null },
      { name: 'Kernel CVEs', readAt: null, factsUntil: null },
      { name: 'Shipped with Rebootless', readAt: at, factsUntil: '2026-08-21' },
    ]),
  ).toBe(
    `Judged by: CISA KEV, read ${exactTime(at)}; Kernel CVEs, not read yet; Shipped with Rebootless, facts up to 2026-08-21.`,
  )
  expect(judgedByWords([])).toBe('No feed is turned on, so nothing of a CVE is known.')
  expect(judgedByWords(null)).toMatch(/said then/)
})

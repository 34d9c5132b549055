// Goal: a policy comes through its form as it was, mistakes are named at their field, and what would change is said before it
// is set. Method: the default policy there and back, drafts with one thing wrong, and pairs of policies.
import type { SlaSpec } from '@rebootless/shared/contract/compliance-policy.ts'
import { DEFAULT_SLA } from '@rebootless/shared/domain/compliance/default-policy.ts'
import { expect, test } from 'vitest'
import { slaChanges } from './sla-changes.ts'
import { draftOf, emptyOverride, mistakesOf, type SlaDraft, specOf } from './sla-draft.ts'

const strict: SlaSpec = {
  ...DEFAULT_SLA,
  knownExploitedDays: null,
  calendar: { ...DEFAULT_SLA.calendar, timeZone: 'Europe/Berlin', holidays: ['2026-12-25', '2026-12-26'] },
  overrides: [
    {
      ...{ name: 'internet-facing', hosts: 'label.zone:dmz', knownExploitedDays: 3 },
      days: { critical: 2, high: 7, medium: 30, low: null, unknown: 30 },
    },
  ],
}
const draft = draftOf(strict)

test.each([DEFAULT_SLA, strict])('a policy comes through the form as it was', (spec) => {
  expect(mistakesOf(draftOf(spec))).toEqual({})
  expect(specOf(draftOf(spec))).toEqual(spec)
})

const wrong: [Partial<SlaDraft>, string][] = [
  [{ days: { ...draft.days, high: '3.5' } }, 'days'],
  [{ days: { ...draft.days, high: '-1' } }, 'days'],
  [{ knownExploitedDays: '9999' }, 'days'],
  [{ timeZone: 'Berlin' }, 'timeZone'],
  [{ workingDays: [] }, 'workingDays'],
  [{ holidays: '2026-12-25, Christmas' }, 'holidays'],
  [{ overrides: [{ ...emptyOverride(7, draft), name: 'x' }] }, 'hosts 7'],
  [{ overrides: [{ ...emptyOverride(7, draft), hosts: 'label.a:b' }] }, 'name 7'],
  [{ overrides: [{ ...emptyOverride(7, draft), name: 'x', hosts: 'state:stalled' }] }, 'hosts 7'],
]
test.each(wrong)('%j is wrong at %s', (change, field) => {
  expect(Object.keys(mistakesOf({ ...draft, ...change }))).toEqual([field])
})

test('what would change is said, and which of it brings dates nearer', () => {
  expect(slaChanges(strict, strict)).toEqual([])
  const after: SlaSpec = {
    ...{ ...strict, clock: 'publication', overrides: [] },
    days: { ...strict.days, critical: 7, low: null },
  }
  expect(slaChanges(strict, after)).toEqual([
    { text: 'Critical: 15 d → 7 d', shorter: true },
    { text: 'Low: 180 d → never', shorter: false },
    { text: 'Days count from publication, with a fix or without one.', shorter: true },
    { text: 'internet-facing goes: its hosts have the days of all.', shorter: false },
  ])
  expect(slaChanges(after, strict).at(-1)).toEqual({
    text: 'internet-facing, for label.zone:dmz: critical 2 d, high 7 d, medium 30 d, low never, not scored 30 d, known exploited 3 d.',
    shorter: true,
  })
})

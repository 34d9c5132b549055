// Goal: who is told is sent as the server takes it, only where it is another than before, and what is wrong is said beforehand. Method:
// drafts and what becomes of them.
import { AlertRuleChange } from '@rebootless/shared/contract/alerts.ts'
import { expect, test } from 'vitest'
import { STEPS_MAX, type ToldDraft, toldChangeOf, toldDraftOf, toldMistakesOf, withStep } from './told-draft.ts'
import { escalationWords, namesNoneThatIsThere, toldWords } from './told-words.ts'

const OPS = '00000000-0000-4000-8000-00000000000a'
const NIGHT = '00000000-0000-4000-8000-00000000000b'
const before = { channels: [OPS, NIGHT], escalation: [{ afterMinutes: 15, channels: [NIGHT] }] }
const step = (key: number, minutes: string, channels: readonly string[] = [OPS]) => ({ key, minutes, channels })

test.each([
  ['as it was', {}, {}],
  ['a channel taken off and put back', { channels: [NIGHT, OPS] }, {}],
  ['channels that fit', { told: 'fitting' }, { channels: null }],
  ['nobody', { told: 'nobody' }, { channels: [] }],
  ['one channel', { channels: [OPS] }, { channels: [OPS] }],
  ['no step', { steps: [] }, { escalation: [] }],
  [
    'one more step',
    { steps: [step(0, '15', [NIGHT]), step(1, '60')] },
    {
      escalation: [
        { afterMinutes: 15, channels: [NIGHT] },
        { afterMinutes: 60, channels: [OPS] },
      ],
    },
  ],
] as const)('%s', (_, change: Partial<ToldDraft>, wanted) => {
  const draft = { ...toldDraftOf(before), ...change }
  expect(toldMistakesOf(draft)).toEqual({})
  expect(toldChangeOf(draft, before)).toEqual(wanted)
  expect(AlertRuleChange.safeParse(wanted).success).toBe(true)
})

test.each([
  ['', /whole minutes/],
  ['0', /whole minutes/],
  ['1.5', /whole minutes/],
  ['10081', /whole minutes/],
  ['15', /Later than the step before/],
])('a second step after “%s” minutes is refused', (minutes, words) => {
  const draft = { ...toldDraftOf(before), steps: [step(4, '15'), step(2, minutes)] }
  expect(toldMistakesOf(draft).steps?.get(2)?.minutes).toMatch(words)
  expect(toldMistakesOf(draft).steps?.has(4)).toBe(false)
})

test('names without a channel, in the rule or in a step, are refused', () => {
  expect(toldMistakesOf({ ...toldDraftOf(before), channels: [] })).toHaveProperty('channels')
  expect(toldMistakesOf({ ...toldDraftOf(before), steps: [step(0, '15', [])] }).steps?.get(0)).toHaveProperty(
    'channels',
  )
})

test('steps that are added are later each, and have keys of their own', () => {
  let draft = toldDraftOf({ channels: null, escalation: [] })
  for (let count = 0; count < STEPS_MAX; count += 1) draft = { ...draft, steps: withStep(draft) }
  expect(draft.steps.map(({ minutes }) => minutes)).toEqual(['15', '30', '45', '60', '75'])
  expect(new Set(draft.steps.map(({ key }) => key)).size).toBe(STEPS_MAX)
})

const rule = (channels: string[] | null, named: { id: string; name: string }[]) => ({
  ...{ named, settings: { ...SETTINGS, channels, escalation: before.escalation } },
})
const SETTINGS = {
  ...{ enabled: true, severity: 'page' as const, threshold: null, forSeconds: 0, quietSeconds: 0, repeatMinutes: null },
  hosts: null,
}

test('who is told is said by name, by number where names are not known, and when nobody is', () => {
  const named = [
    { id: OPS, name: 'ops' },
    { id: NIGHT, name: 'night shift' },
  ]
  expect(toldWords(rule(null, named))).toBe('channels that take such alerts')
  expect(toldWords(rule([], named))).toBe('nobody')
  expect(toldWords(rule([OPS, NIGHT], named))).toBe('ops and night shift alone')
  expect(toldWords(rule([OPS, NIGHT], []))).toBe('2 channels alone')
  expect(escalationWords(rule(null, named))).toEqual(['after 15 min night shift'])
  expect([rule([OPS], named), rule([OPS], []), rule([], []), rule(null, [])].map(namesNoneThatIsThere)).toEqual([
    ...[false, true, false, false],
  ])
})

// Goal: a rule's form sends what was changed and nothing else, and says what is wrong before it is sent. Method: drafts and what becomes
// of them.
import { AlertRuleChange, type AlertRuleSettings } from '@rebootless/shared/contract/alerts.ts'
import { expect, test } from 'vitest'
import { changeOf, draftOf, mistakesOf, secondsWord } from './rule-draft.ts'

const settings: AlertRuleSettings = {
  ...{ enabled: true, severity: 'ticket', threshold: 3, forSeconds: 600, quietSeconds: 90, repeatMinutes: null },
  ...{ hosts: null, channels: null, escalation: [] },
}
const rule = { settings }

test('an untouched form changes nothing', () => {
  expect(changeOf(draftOf(rule), rule)).toEqual({})
  expect(mistakesOf(draftOf(rule), rule)).toEqual({})
})

test('what is another goes along, times in seconds, empty fields as none', () => {
  const draft = {
    ...draftOf(rule),
    severity: 'page' as const,
    forMinutes: '0.5',
    repeatMinutes: '30',
    hosts: ' label.env:prod ',
  }
  const change = changeOf(draft, rule)
  expect(change).toEqual({ severity: 'page', forSeconds: 30, repeatMinutes: 30, hosts: 'label.env:prod' })
  expect(AlertRuleChange.safeParse(change).success).toBe(true)
})

test('to turn a rule off takes a reason, which goes along', () => {
  const off = { ...draftOf(rule), enabled: false }
  expect(mistakesOf(off, rule)).toHaveProperty('reason')
  expect(changeOf(off, rule)).toEqual({})
  expect(changeOf({ ...off, reason: 'noise' }, rule)).toEqual({ enabled: false, reason: 'noise' })
})

test.each([
  ['threshold', ''],
  ['threshold', '-1'],
  ['forMinutes', 'soon'],
  ['quietMinutes', '1441'],
  ['repeatMinutes', '4'],
] as const)('%s as “%s” is told, and nothing is sent', (field, text) => {
  const draft = { ...draftOf(rule), [field]: text, severity: 'page' as const }
  expect(mistakesOf(draft, rule)).toHaveProperty(field)
  expect(changeOf(draft, rule)).toEqual({})
})

test.each([
  [0, '0 d'],
  [90, '90 s'],
  [600, '10 min'],
  [7200, '2 h'],
  [86_400, '1 d'],
])('%i seconds are said as %s', (seconds, word) => {
  expect(secondsWord(seconds)).toBe(word)
})

// Goal: whoever finds no alert is told each thing that kept some out, and by which press it is left out. Method: questions.
import { expect, test } from 'vitest'
import { type AlertsAsked, narrowingsOf } from './alerts-asked.ts'

const TITLES = new Map([['patch-forced', 'Patch forced']])

test('a question that leaves nothing out has nothing to widen', () => {
  expect(narrowingsOf({}, TITLES)).toEqual([])
  expect(narrowingsOf({ filter: '' }, TITLES)).toEqual([])
})

test('each part of a question is told, and widened, by itself', () => {
  const asked: AlertsAsked = {
    ...{ status: 'resolved', severity: 'page', rule: 'patch-forced', taken: 'no', filter: 'label.env:prod' },
  }
  const found = narrowingsOf(asked, TITLES)
  expect(new Set(found.map(({ key }) => key))).toEqual(new Set(Object.keys(asked)))
  expect(found.map(({ what }) => what)).toEqual([
    ...['that page', 'of the rule Patch forced', 'that nobody has taken up', 'with a host of label.env:prod'],
    'that are over',
  ])
  expect(narrowingsOf({ rule: 'sla-broken' }, TITLES)[0]?.what).toBe('of the rule sla-broken')
})

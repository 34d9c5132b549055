// Goal: the plan in words leaves nothing out that decides how a rollout goes. Method: a plan that uses every part, and the
// smallest one.
import { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { expect, test } from 'vitest'
import { planLines } from './plan-words.ts'

const smallest = {
  ...{ version: 1, name: 'fix', reason: 'CVE-2026-1', hosts: 'label.env:prod' },
  change: { kind: 'disable', patch: 'lp_old' },
  waves: [{ name: 'all', share: { kind: 'rest' } }],
}
const wordsOf = (plan: object): Record<string, readonly string[]> =>
  Object.fromEntries(planLines(RolloutPlan.parse(plan)).map(({ what, lines }) => [what, lines]))

test('each part that was chosen stands in the words', () => {
  const words = wordsOf({
    ...smallest,
    exclude: ['5f0c1d6e-0000-4000-8000-000000000001'],
    newcomers: 'join',
    livePatching: 'when possible',
    waves: [
      {
        name: 'canary',
        share: { kind: 'count', hosts: 1 },
        soakSeconds: 1800,
        gates: [{ kind: 'approval', people: 2 }],
      },
      { name: 'fra', share: { kind: 'label', key: 'datacentre', values: ['fra1', 'fra2'] } },
      { name: 'third', share: { kind: 'percent', percent: 30 } },
    ],
    gates: [
      { kind: 'transitions', percent: 90, withinSeconds: 600 },
      { kind: 'pressure', of: 'io', growthPercent: 10 },
    ],
    limits: { atOnce: 20, domains: [{ label: 'rack', atMost: 1 }] },
    windows: [{ timeZone: 'Europe/Berlin', days: ['friday'], from: '22:00', to: '04:00' }],
    budget: { failures: 2, whenSpent: 'reverse' },
    stalls: { policy: 'retry', afterSeconds: 600 },
    vanished: { afterSeconds: 900, count: 'as left out' },
  })
  expect(words).toEqual({
    Why: ['CVE-2026-1'],
    Change: ['disable lp_old'],
    Hosts: [
      'label.env:prod',
      'but for 1 host left out by name',
      'hosts that match later join the last wave',
      'hosts that no live patch fits are noted as due for a boot',
    ],
    Waves: [
      '1 canary: 1 host, soaks 30 minutes; in place of the plan’s gates: 2 people let it pass',
      '2 fra: hosts with datacentre fra1, fra2, no soak',
      '3 third: 30 % of the hosts, no soak',
    ],
    'Gates after each wave': ['90 % of transitions done within 10 minutes', 'io pressure grew by 10 % at most'],
    Limits: ['20 hosts at once', '1 host at once of each rack'],
    Hours: ['friday, 22:00 to 04:00, Europe/Berlin'],
    'When hosts fail': ['at more than 2 failures it undoes itself'],
    'When one stalls': ['after 10 minutes it is begun anew, three times at most; it is never forced'],
    'When one is not heard': ['after 15 minutes it counts as left out'],
  })
})

test('what was left open is said too', () => {
  const words = wordsOf(smallest)
  expect(words['Gates after each wave']).toEqual(['none'])
  expect(words.Limits).toEqual(['as many hosts at once as a wave has'])
  expect(words.Hours).toEqual(['hosts begin at any hour'])
  expect(words['When hosts fail']).toEqual(['at the first failure it pauses'])
})

// Goal: a plan that breaks a policy is told each breach, where, and what to write; what it then writes passes. Method: a
// policy of one requirement at a time against plans just within and just beyond it.
import { describe, expect, test } from 'vitest'
import { PolicyRequirements, RolloutPolicy } from '../../contract/rollout-policy.ts'
import { policyBreaches } from './policy.ts'
import { testPlan } from './test-rollout.ts'

const policy = (requires: object): RolloutPolicy =>
  RolloutPolicy.parse({ name: 'production', hosts: 'label.env:prod', requires, reason: 'as agreed' })
const fieldsOf = (requires: object, plan: object = {}, waveHosts: number[] = [1, 99]) =>
  policyBreaches(policy(requires), testPlan(plan), waveHosts).map(({ field }) => field)

const canary = (change: object) => [{ name: 'canary', share: { kind: 'count', hosts: 1 }, ...change }]
const night = { timeZone: 'Europe/Berlin', days: ['saturday', 'sunday'], from: '22:00', to: '06:00' }

describe('a plan is held to', () => {
  test.each<[string, object, object, object, string[]]>([
    [
      'soak',
      { soakSecondsAtLeast: 600 },
      { waves: canary({ soakSeconds: 600 }) },
      { waves: canary({ soakSeconds: 599 }) },
      ['waves[0].soakSeconds'],
    ],
    [
      'gates of the plan',
      { gates: ['agents', 'kernel log'] },
      { gates: [{ kind: 'kernel log' }, { kind: 'agents' }] },
      { gates: [{ kind: 'agents' }] },
      ['gates'],
    ],
    [
      'gates of a wave',
      { gates: ['agents'] },
      { gates: [{ kind: 'agents' }] },
      { gates: [{ kind: 'agents' }], waves: canary({ gates: [] }) },
      ['waves[0].gates'],
    ],
    [
      'people',
      { approvals: 2 },
      { gates: [{ kind: 'approval', people: 2 }] },
      { gates: [{ kind: 'approval', people: 1 }] },
      ['gates'],
    ],
    ['hosts at once', { atOnceAtMost: 5 }, { limits: { atOnce: 5 } }, { limits: { atOnce: 6 } }, ['limits.atOnce']],
    ['hosts at once, unlimited', { atOnceAtMost: 5 }, { limits: { atOnce: 1 } }, {}, ['limits.atOnce']],
    [
      'domains',
      { domains: [{ label: 'rack', atMost: 2 }] },
      { limits: { domains: [{ label: 'rack', atMost: 1 }] } },
      { limits: { domains: [{ label: 'rack', atMost: 3 }] } },
      ['limits.domains'],
    ],
    [
      'domains, of another label',
      { domains: [{ label: 'rack', atMost: 2 }] },
      { limits: { domains: [{ label: 'rack', atMost: 2 }] } },
      { limits: { domains: [{ label: 'row', atMost: 2 }] } },
      ['limits.domains'],
    ],
    [
      'budget',
      { budgetFailuresAtMost: 1 },
      { budget: { failures: 1 } },
      { budget: { failures: 2 } },
      ['budget.failures'],
    ],
    [
      'stalls',
      { stallPolicies: ['ask', 'wait'] },
      { stalls: { policy: 'wait' } },
      { stalls: { policy: 'reverse' } },
      ['stalls.policy'],
    ],
    [
      'windows',
      { windows: [night] },
      { windows: [{ ...night, days: ['sunday'], from: '23:00', to: '05:30' }] },
      {},
      ['windows'],
    ],
    [
      'windows, too late',
      { windows: [night] },
      { windows: [night] },
      { windows: [night, { ...night, to: '06:01' }] },
      ['windows[1]'],
    ],
    [
      'windows, of another place',
      { windows: [night] },
      { windows: [night] },
      { windows: [{ ...night, timeZone: 'Europe/Paris' }] },
      ['windows[0]'],
    ],
  ])('%s', (_what, requires, good, bad, fields) => {
    expect(fieldsOf(requires, good)).toEqual([])
    expect(fieldsOf(requires, bad)).toEqual(fields)
  })

  test('two windows that meet hold one across both', () => {
    const days = ['monday']
    const evening = { timeZone: 'UTC', days, from: '20:00', to: '22:00' }
    const late = { timeZone: 'UTC', days, from: '22:00', to: '02:00' }
    const across = { windows: [{ timeZone: 'UTC', days, from: '21:00', to: '01:00' }] }
    expect(fieldsOf({ windows: [evening, late] }, across)).toEqual([])
    expect(fieldsOf({ windows: [evening] }, across)).toEqual(['windows[0]'])
  })

  test.each<[object, number[], string[]]>([
    [{ hosts: 5 }, [5, 95], []],
    [{ hosts: 5 }, [6, 94], ['waves[0].share']],
    // A wave without hosts is no canary.
    [{ hosts: 5 }, [0, 100], ['waves[1].share']],
    [{ percent: 1.1 }, [11, 989], []],
    [{ percent: 1.1 }, [12, 988], ['waves[0].share']],
    [{ percent: 50, hosts: 2 }, [3, 7], ['waves[0].share']],
    [{ percent: 1 }, [1], []],
    [{ hosts: 1 }, [], []],
  ])('its first wave %j of %j', (firstWaveAtMost, waveHosts, fields) => {
    expect(fieldsOf({ firstWaveAtMost }, {}, waveHosts)).toEqual(fields)
  })
})

test('each breach names the policy, the field and what to write', () => {
  const requires = { firstWaveAtMost: { hosts: 2 }, soakSecondsAtLeast: 3600 }
  expect(policyBreaches(policy(requires), testPlan(), [20, 80]).map(({ sentence }) => sentence)).toEqual([
    'Policy production, waves[0].share: 20 of 100 hosts go first, and at most 2 may: write {kind: count, hosts: 2}.',
    'Policy production, waves[0].soakSeconds: canary does not soak: write at least 3600.',
    'Policy production, waves[1].soakSeconds: rest does not soak: write at least 3600.',
  ])
})

test.each([{}, { firstWaveAtMost: {} }, { windows: [] }, { gates: ['magic'] }])(
  'a policy that requires nothing, or what there is not, is none: %j',
  (requires) => {
    const spec = { name: 'production', hosts: 'label.env:prod', requires, reason: 'x' }
    expect(RolloutPolicy.safeParse(spec).success).toBe(false)
  },
)

test('every requirement has a rule', () => {
  const bad = {
    firstWaveAtMost: { hosts: 1 },
    soakSecondsAtLeast: 1,
    gates: ['agents'],
    approvals: 1,
    atOnceAtMost: 1,
    domains: [{ label: 'rack', atMost: 1 }],
    windows: [night],
    budgetFailuresAtMost: 0,
    stallPolicies: ['wait'],
  }
  expect(Object.keys(bad).sort()).toEqual(Object.keys(PolicyRequirements.shape).sort())
  for (const [key, value] of Object.entries(bad)) {
    expect([key, fieldsOf({ [key]: value }, { budget: { failures: 1 } }, [2, 2]).length > 0]).toEqual([key, true])
  }
})

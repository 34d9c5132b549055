// Goal: whatever a policy requires is said in words. Method: one policy of everything, and each part of it alone.
import { expect, test } from 'vitest'
import { PolicyRequirements } from '../../contract/rollout-policy.ts'
import { policyWords } from './policy-words.ts'

const night = { timeZone: 'Europe/Berlin', from: '22:00', to: '06:00' }
const all = PolicyRequirements.parse({
  ...{ firstWaveAtMost: { hosts: 1, percent: 5 }, soakSecondsAtLeast: 900, gates: ['kernel log', 'agents'] },
  ...{ approvals: 2, atOnceAtMost: 100, domains: [{ label: 'rack', atMost: 1 }] },
  windows: [
    { ...night, days: ['thursday', 'monday', 'wednesday', 'tuesday'] },
    { ...night, days: ['saturday', 'sunday'] },
  ],
  ...{ budgetFailuresAtMost: 0, stallPolicies: ['ask', 'wait'] },
})

test('a policy in words', () => {
  expect(policyWords(all)).toEqual([
    'The first wave is at most 1 host and 5 % of all.',
    'Each wave soaks for at least 15 minutes.',
    'Each wave has these gates: kernel log, agents.',
    'A gate of each wave asks for 2 people.',
    'At most 100 hosts in change at one time.',
    'At most 1 host of one rack in change at one time.',
    'Hosts begin only within Monday to Thursday, 22:00 to 06:00, Europe/Berlin; Saturday, Sunday, 22:00 to 06:00, Europe/Berlin.',
    'No host may fail.',
    'What becomes of a stalled transition: ask or wait.',
  ])
})

test.each(Object.keys(PolicyRequirements.shape))('%s alone is said', (key) => {
  expect(policyWords({ [key]: all[key as keyof typeof all] })).toHaveLength(1)
})

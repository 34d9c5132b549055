import type { TestChance } from '@rebootless/shared/domain/rollouts/test-chance.ts'

const EVERY_DAY = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
const window = (from: string, to: string) => ({ timeZone: 'UTC', days: EVERY_DAY, from, to })

/** What a plan may say of five hosts in two racks, from noon on; the second window begins while the rollout runs. */
export const fleetPlanOf = (chance: TestChance) => ({
  waves: [
    { name: 'canary', share: { kind: 'count', hosts: 1 }, soakSeconds: chance.integer(0, 15) },
    { name: 'most', share: { kind: 'count', hosts: 3 }, soakSeconds: chance.integer(0, 15) },
    { name: 'rest', share: { kind: 'rest' } },
  ],
  gates: chance.pick([[], [{ kind: 'agents' }], [{ kind: 'transitions', percent: 50, withinSeconds: 120 }]]),
  limits: {
    atOnce: chance.pick([1, 2, 2, null]),
    domains: chance.chance(0.5) ? [{ label: 'rack', atMost: 1 }] : [],
  },
  windows: chance.chance(0.5) ? [window('12:00', '12:02'), window('12:05', '23:00')] : [],
  budget: { failures: chance.integer(0, 2), whenSpent: chance.pick(['pause', 'pause', 'reverse']) },
  stalls: { policy: chance.pick(['wait', 'retry', 'ask', 'reverse']), afterSeconds: 30 },
  vanished: { afterSeconds: 60, count: chance.pick(['as failed', 'as left out']) },
})

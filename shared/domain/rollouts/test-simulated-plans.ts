import { RolloutPlan } from '../../contract/rollout-plan.ts'
import type { TestChance } from './test-chance.ts'
import type { HostNature } from './test-simulated-host.ts'

const SHA = 'a'.repeat(64)
const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

/** A name by which no order of hosts can be told from another's. */
const hostId = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`

/** Some hosts of one fleet, in three racks; some have no rack. */
export const someHosts = (chance: TestChance, count: number, first = 1): HostNature[] => {
  const troubled = chance.chance(0.6)
  return Array.from({ length: count }, (_, index) => {
    const rack = chance.pick(['a', 'b', 'c', null])
    const fits = !chance.chance(0.05)
    return {
      id: hostId(first + index),
      name: `web-${String(first + index).padStart(2, '0')}`,
      labels: { role: chance.pick(['canary', 'web', 'web', 'web']), ...(rack !== null && { rack }) },
      fit: fits
        ? { fits: true, artefact: SHA, patch: 'lp_fix' }
        : { fits: false, why: 'It runs 5.10, for which there is no file.' },
      fails: troubled ? chance.pick([0, 0, 0.1, 0.4]) : 0,
      stalls: troubled ? chance.pick([0, 0, 0.2, 0.6]) : 0,
      oopses: troubled ? chance.pick([0, 0, 0, 0.3]) : 0,
    }
  })
}

/** A plan as somebody might write it. */
export const somePlan = (chance: TestChance, hosts: readonly HostNature[]): RolloutPlan => {
  const gates = [
    ...(chance.chance(0.4) ? [{ kind: 'kernel log' }] : []),
    ...(chance.chance(0.3) ? [{ kind: 'agents' }] : []),
    ...(chance.chance(0.2) ? [{ kind: 'approval', people: chance.integer(1, 2) }] : []),
    ...(chance.chance(0.2) ? [{ kind: 'transitions', percent: 60, withinSeconds: 3600 }] : []),
    ...(chance.chance(0.2) ? [{ kind: 'http', url: 'https://shop.example/healthz' }] : []),
  ]
  const soakSeconds = chance.pick([0, 0, 30, 300])
  const first = chance.pick<object>([
    { kind: 'count', hosts: 1 },
    { kind: 'percent', percent: 20 },
    { kind: 'label', key: 'role', values: ['canary'] },
  ])
  const hour = chance.integer(0, 23)
  const window = {
    timeZone: chance.pick(['Europe/Berlin', 'America/New_York', 'UTC']),
    days: ['sunday', ...DAYS.filter(() => chance.chance(0.8))],
    from: `${String(hour).padStart(2, '0')}:${chance.pick(['00', '30'])}`,
    to: `${String((hour + chance.integer(2, 12)) % 24).padStart(2, '0')}:${chance.pick(['00', '15'])}`,
  }
  const excluded = hosts.at(-1)?.id
  return RolloutPlan.parse({
    version: 1,
    name: 'simulated',
    reason: 'a fix',
    change: chance.pick([
      { kind: 'load', patches: [SHA] },
      { kind: 'load', patches: [SHA] },
      { kind: 'load', patches: [SHA] },
      { kind: 'disable', patch: 'lp_fix' },
      { kind: 'update', provider: 'kernelcare' },
    ]),
    hosts: 'name:web-*',
    exclude: excluded !== undefined && chance.chance(0.3) ? [excluded] : [],
    newcomers: chance.pick(['join', 'leave out']),
    livePatching: chance.pick(['only', 'only', 'when possible', 'never', 'only', 'only']),
    waves: [
      { name: 'canary', share: first, soakSeconds },
      ...(chance.chance(0.6)
        ? [{ name: 'half', share: { kind: 'percent', percent: 50 }, soakSeconds, gates: [] }]
        : []),
      { name: 'rest', share: { kind: 'rest' } },
    ],
    gates,
    limits: {
      atOnce: chance.pick([null, 1, 2, 4]),
      domains: chance.chance(0.5) ? [{ label: 'rack', atMost: chance.integer(1, 2) }] : [],
    },
    windows: chance.chance(0.3) ? [window] : [],
    budget: { failures: chance.pick([0, 0, 1, 3]), whenSpent: chance.pick(['pause', 'reverse']) },
    stalls: {
      policy: chance.pick(['wait', 'retry', 'ask', 'reverse']),
      afterSeconds: chance.pick([60, 600]),
    },
    vanished: { afterSeconds: chance.pick([120, 900]), count: chance.pick(['as failed', 'as left out']) },
  })
}

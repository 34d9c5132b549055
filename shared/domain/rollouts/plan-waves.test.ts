// Goal: who goes when is exact, whole and always the same. Method: small fleets by hand; random plans by property.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inRolloutOrder, planWaves } from './plan-waves.ts'
import { testHosts, testPlan } from './test-rollout.ts'

const waves = (...shares: object[]) => shares.map((share, index) => ({ name: `wave ${index}`, share }))
const sizes = (change: object, hosts = testHosts(10)) =>
  planWaves(testPlan(change), hosts, 'r').waves.map((wave) => wave.hosts.length)

test.each([
  [
    'so many, then half of all, then the rest',
    [{ kind: 'count', hosts: 1 }, { kind: 'percent', percent: 50 }, { kind: 'rest' }],
    [1, 5, 4],
  ],
  [
    'a share is rounded up',
    [{ kind: 'percent', percent: 1 }, { kind: 'percent', percent: 25 }, { kind: 'rest' }],
    [1, 3, 6],
  ],
  [
    'no more than there are',
    [{ kind: 'count', hosts: 8 }, { kind: 'percent', percent: 50 }, { kind: 'rest' }],
    [8, 2, 0],
  ],
])('%s', (_name, shares, expected) => expect(sizes({ waves: waves(...shares) })).toEqual(expected))

test('1.1 % of 1,000 are 11, whatever floating point makes of it', () => {
  expect(sizes({ waves: waves({ kind: 'percent', percent: 1.1 }) }, testHosts(1000))).toEqual([11])
})

test('a wave by a label takes who bears it and has not gone before', () => {
  const hosts = testHosts(6, (index) => ({ role: index < 3 ? 'canary' : 'web' }))
  const { waves: planned } = planWaves(
    testPlan({ waves: waves({ kind: 'label', key: 'role', values: ['canary'] }, { kind: 'rest' }) }),
    hosts,
    'r',
  )
  expect(planned.map(({ hosts: taken }) => taken.map(({ labels }) => labels.role))).toEqual([
    ['canary', 'canary', 'canary'],
    ['web', 'web', 'web'],
  ])
})

test('T04 a label key that every object has is no label', () => {
  const plan = testPlan({ waves: waves({ kind: 'label', key: 'constructor', values: ['x'] }, { kind: 'rest' }) })
  expect(planWaves(plan, testHosts(2), 'r').waves.map(({ hosts }) => hosts.length)).toEqual([0, 2])
})

test('hosts of no wave say why: by name, without a file, or as no wave takes them', () => {
  const hosts = testHosts(4)
  const [first, second] = hosts
  const unfit = hosts.map((host) =>
    host === second ? { ...host, fit: { fits: false, why: 'It runs 5.10.' } as const } : host,
  )
  const change = { exclude: [first?.id], waves: waves({ kind: 'count', hosts: 1 }) }
  const only = planWaves(testPlan(change), unfit, 'r')
  expect(only.others.map(({ why }) => why).sort()).toEqual([
    'It runs 5.10.',
    'No wave of the plan takes it.',
    'The plan leaves it out by name.',
  ])
  const stageOf = (livePatching: string) =>
    planWaves(testPlan({ ...change, livePatching }), unfit, 'r').others.find(({ host }) => host.id === second?.id)
      ?.stage
  expect(stageOf('only')).toBe('left out')
  expect(stageOf('when possible')).toBe('due for a boot')
  const never = planWaves(testPlan({ livePatching: 'never' }), unfit, 'r')
  expect(never.waves.flatMap(({ hosts: taken }) => taken)).toEqual([])
  expect(new Set(never.others.map(({ stage }) => stage))).toEqual(new Set(['due for a boot']))
})

test('each wave says how many of each failure domain it touches', () => {
  const hosts = testHosts(5, (index) => (index === 4 ? {} : { rack: index < 3 ? 'a' : 'b' }))
  const plan = testPlan({
    waves: waves({ kind: 'rest' }),
    limits: { atOnce: 2, domains: [{ label: 'rack', atMost: 1 }] },
  })
  expect(planWaves(plan, hosts, 'r').waves[0]?.domains).toEqual([
    {
      label: 'rack',
      atMost: 1,
      values: [
        { value: 'a', hosts: 3 },
        { value: 'b', hosts: 1 },
        { value: null, hosts: 1 },
      ],
    },
  ])
})

test('whatever order hosts come in, each goes once, and the same rollout sends them the same way', () => {
  const share = fc.oneof(
    fc.record({ kind: fc.constant('count'), hosts: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ kind: fc.constant('percent'), percent: fc.integer({ min: 1, max: 100 }) }),
    fc.constant({ kind: 'rest' }),
  )
  fc.assert(
    fc.property(
      fc.array(share, { minLength: 1, maxLength: 5 }),
      fc.shuffledSubarray(testHosts(20)),
      (shares, hosts) => {
        const plan = testPlan({ waves: waves(...shares) })
        const planned = planWaves(plan, hosts, 'r')
        const all = [...planned.waves.flatMap((wave) => wave.hosts), ...planned.others.map(({ host }) => host)]
        expect(all.map(({ id }) => id).sort()).toEqual(hosts.map(({ id }) => id).sort())
        expect(planWaves(plan, [...hosts].reverse(), 'r')).toEqual(planned)
      },
    ),
  )
})

test('another rollout has another canary', () => {
  const hosts = testHosts(50)
  const canaries = new Set(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => inRolloutOrder(id, hosts)[0]?.id))
  expect(canaries.size).toBeGreaterThan(2)
})

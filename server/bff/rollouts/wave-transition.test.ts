// Goal: the transitions of a wave's hosts are told of as one, from what agents said, and to whom all of it is in scope alone.
// Method: a fleet in a real database, whose agents load what a rollout orders and sample their transitions.
import { WaveTransition } from '@rebootless/shared/contract/rollout-transition.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { hostScopeOf, WHOLE_FLEET } from '../hosts/host-scope.ts'
import { createIngest } from '../ingest/ingest.ts'
import { blockingTask, sample, transitionMessage } from '../ingest/test-messages.ts'
import type { RolloutDriver } from './driver.ts'
import { driveUntil, type RolloutBench, type RolloutHost, startRolloutBench } from './test-rollouts.ts'
import { createWaveTransitions, type WaveTransitions } from './wave-transition.ts'

let bench: RolloutBench
let driver: RolloutDriver
let ingest: ReturnType<typeof createIngest>
let hosts: RolloutHost[] = []
let transitions: WaveTransitions
let group = 0
let sequence = 100_000
beforeAll(async () => {
  bench = await startRolloutBench()
  driver = bench.driverOver()
  transitions = createWaveTransitions(bench.kysely)
  ingest = createIngest({ database: bench.kysely, clock: bench.clock, changesEveryMs: 0 })
})
afterAll(() => bench.end())
beforeEach(async () => {
  group += 1
  const labels = { group: String(group) }
  hosts = []
  for (const name of ['a', 'b', 'c']) hosts.push(await bench.addHost(`${name}-${group}`, { labels }))
})

const FLEET = { waves: [{ name: 'all', share: { kind: 'rest' } }] }
const started = async (change: object = {}) => {
  const id = await bench.make({ ...FLEET, hosts: `label.group:${group}`, ...change })
  await bench.act(id, { kind: 'start', reason: 'test' })
  await driver.look()
  return id
}
/** So many seconds from now the host says how far its transition is; null: it is over. */
const says = async (host: RolloutHost | undefined, change: Partial<TransitionSample> | null, seconds = 0) => {
  if (host === undefined) throw new Error('no such host')
  sequence += 1
  const at = new Date(bench.clock.now().getTime() + seconds * 1000).toISOString()
  const said = {
    ...sample({ patch: 'lp_new', tasksTotal: 100, startedAt: at, sampledAt: at }),
    blocking: [],
    ...change,
  }
  const about = change === null ? null : said
  await ingest.accept(host.id, transitionMessage({ epoch: 1, sequence }, about), bench.clock.now())
}
const read = async (id: string, wave: number | null = 0) =>
  WaveTransition.parse(await transitions.read(WHOLE_FLEET, id, wave, bench.clock.now()))

test('before anything begins there is nothing but hosts that wait, and no estimate', async () => {
  const id = await bench.make({ ...FLEET, hosts: `label.group:${group}` })
  expect(await read(id)).toMatchObject({
    hosts: { total: 3, waiting: 3, inTransition: 0, stalled: 0, done: 0, others: 0 },
    ...{ points: [], tasksPerSecond: null, hostsPerMinute: null, blocking: [] },
    estimate: {
      ...{ earliest: null, unknownHosts: 3 },
      condition: 'No estimate for 3 hosts yet to begin: the rollout has not been started.',
    },
  })
})

test('tasks left are summed over hosts at each moment, and a host that is through leaves the sum', async () => {
  const id = await started()
  const startedAt = bench.clock.now().toISOString()
  const going = (tasksRemaining: number) => ({ startedAt, tasksRemaining })
  await says(hosts[0], going(100), 0)
  await says(hosts[1], going(60), 1)
  await says(hosts[0], going(40), 2)
  await says(hosts[1], going(10), 4)
  await says(hosts[1], null)
  bench.advance(10_000)
  const found = await read(id)
  expect(found.hosts).toMatchObject({ total: 3, waiting: 2, inTransition: 1 })
  expect(found.tasks).toEqual({ total: 100, left: 40 })
  expect(found.points.slice(0, 6).map(({ tasksLeft, hostsInTransition }) => [tasksLeft, hostsInTransition])).toEqual([
    [100, 1],
    [160, 2],
    [100, 2],
    [100, 2],
    [50, 2],
    [40, 1],
  ])
  expect(found.points.at(-1)?.at).toBe(bench.clock.now().toISOString())
  // 60 tasks of the first and 50 of the second in ten seconds; what left the sum at its end did not switch in sight.
  expect(found.tasksPerSecond).toBeCloseTo((60 + 50 + 10) / 10)
  expect(found.sentence).toBe(
    '1 host in transition: 40 of 100 tasks on old code. 0 of 3 hosts are done. 2 hosts are yet to begin.',
  )
})

test('stalled hosts are grouped by what blocks them, and have no estimate', async () => {
  const id = await started()
  const blocking = [blockingTask({ comm: 'rsync', unit: 'backup.service' })]
  const stall = { tasksRemaining: 1, blocking, blockingTotal: 1 }
  for (const host of hosts) await says(host, stall)
  const found = await read(id)
  expect(found.hosts).toMatchObject({ inTransition: 3, stalled: 3, waiting: 0 })
  expect(found.blocking).toEqual([expect.objectContaining({ comm: 'rsync', unit: 'backup.service', hostCount: 3 })])
  expect(found.blocking[0]?.hosts.map(({ id: host }) => host).sort()).toEqual(hosts.map((host) => host.id).sort())
  expect(found).toMatchObject({
    blockingGroupTotal: 1,
    stalledHostsRead: 3,
    estimate: { earliest: null, unknownHosts: 3 },
  })
})

test('a transition of another livepatch is not of the rollout', async () => {
  const id = await started()
  await says(hosts[0], { patch: 'lp_other', tasksRemaining: 50 })
  expect(await read(id)).toMatchObject({ hosts: { inTransition: 0 }, tasks: { total: 0, left: 0 }, points: [] })
})

test('when all are done nothing is left, and each wave counts its own', async () => {
  const waves = [
    { name: 'one', share: { kind: 'count', hosts: 1 } },
    { name: 'rest', share: { kind: 'rest' } },
  ]
  const id = await started({ waves })
  await driveUntil(bench, driver, id, 'done')
  expect((await read(id, 0)).hosts).toMatchObject({ total: 1, done: 1 })
  expect((await read(id, 1)).hosts).toMatchObject({ total: 2, done: 2 })
  const all = await read(id, null)
  expect(all.hosts).toMatchObject({ total: 3, done: 3, waiting: 0, others: 0 })
  expect(all.estimate.condition).toBe('Nothing is left to do: every host has settled.')
  expect(all.sentence).toBe('No transition runs. All 3 hosts are done.')
})

test('T07 a rollout with a host out of scope is as none', async () => {
  const id = await started()
  const scope = hostScopeOf({ scope: 'label.group:none' })
  await expect(transitions.read(scope, id, 0, bench.clock.now())).rejects.toThrow(/rollout_not_found/)
})

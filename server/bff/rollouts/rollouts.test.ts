// Goal: a rollout that people make and start changes its hosts wave by wave and nobody else, and what they do to it is
// done. Method: the driver on a real database; hosts answer as their stubs do, and show what was done to them.
import { RolloutPolicySpec } from '@rebootless/shared/contract/rollout-policy.ts'
import { replayRollout } from '@rebootless/shared/domain/rollouts/replay.ts'
import { isToUndo } from '@rebootless/shared/domain/rollouts/undo.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WHOLE_FLEET } from '../hosts/host-scope.ts'
import type { RolloutDriver } from './driver.ts'
import { deletePolicy, setPolicy } from './policies.ts'
import { driveUntil, type RolloutBench, type RolloutHost, startRolloutBench } from './test-rollouts.ts'
import { readDetail } from './views.ts'

let bench: RolloutBench
let driver: RolloutDriver
let mine: RolloutHost[]
let group = 0
beforeAll(async () => {
  bench = await startRolloutBench()
  driver = bench.driverOver()
})
afterAll(() => bench.end())

/** Each test has five hosts of its own, by a label. */
beforeEach(async () => {
  group += 1
  mine = []
  for (let n = 1; n <= 5; n += 1) {
    mine.push(await bench.addHost(`g${group}-${n}`, { labels: { group: String(group), rack: `r${n % 2}` } }))
  }
})
const ofGroup = () => ({ hosts: `label.group:${group}` })
const stagesOf = async (id: string) => {
  const { state } = await bench.read(id)
  return [...state.hosts.values()].map(({ stage }) => stage)
}
const because = { reason: 'test' }
const start = async (change: object = {}) => {
  const id = await bench.make({ ...ofGroup(), ...change })
  await bench.act(id, { kind: 'start', ...because })
  return id
}

describe('a rollout over lab hosts', () => {
  test('goes from wave to wave to its end, each host told once, and its log explains where it stands', async () => {
    const id = await start()
    await driveUntil(bench, driver, id, 'done')
    expect(await stagesOf(id)).toEqual(['done', 'done', 'done', 'done', 'done'])
    expect(mine.map(({ stub }) => stub.effects.length)).toEqual([1, 1, 1, 1, 1])
    const decisions = await bench.decisionsOf(id)
    expect(decisions.map(({ number }) => number)).toEqual(decisions.map((_, index) => index))
    const { state } = await bench.read(id)
    expect(replayRollout(2, decisions)).toEqual({ phase: 'done', stages: state.waves.map(({ stage }) => stage) })
    // The canary was done before anybody else was told.
    const commands = await bench.commandsOf(id)
    const first = commands.find(({ host_id: host }) => state.hosts.get(host)?.wave === 0)
    for (const command of commands.filter((one) => one !== first)) {
      expect(command.created_at.getTime()).toBeGreaterThanOrEqual(
        first?.ended_at?.getTime() ?? Number.POSITIVE_INFINITY,
      )
    }
  })

  test('is not begun by its making, and again looked at changes nothing', async () => {
    const id = await bench.make(ofGroup())
    await driver.look()
    expect((await bench.read(id)).row.version).toBe('1')
    expect(await bench.commandsOf(id)).toEqual([])
  })

  test('tells at no time more hosts than its limit lets', async () => {
    const limits = { atOnce: 2, domains: [{ label: 'rack', atMost: 1 }] }
    const id = await start({ waves: [{ name: 'all', share: { kind: 'rest' } }], limits })
    for (let round = 0; round < 8; round += 1) {
      await driver.look()
      const open = (await bench.commandsOf(id)).filter(({ state }) => state === 'waiting' || state === 'sent')
      expect(open.length).toBeLessThanOrEqual(2)
      await bench.answer()
      bench.advance(2_000)
    }
    await driveUntil(bench, driver, id, 'done')
  })

  test('pauses by itself on a stalled transition, names the task, and undoes the wave when asked', async () => {
    for (const host of mine) host.loads = 'stalled'
    const id = await start({ stalls: { policy: 'ask', afterSeconds: 4 } })
    await driveUntil(bench, driver, id, 'paused')
    const { row, state } = await bench.read(id)
    expect(row.sentence).toContain('kworker/3')
    const stalled = [...state.hosts.values()].filter(({ stage }) => stage === 'stalled')
    expect(stalled.length).toBe(1)
    await bench.act(id, { kind: 'reverse', ...because, fromWave: 0, afterwards: 'pause' })
    await driveUntil(bench, driver, id, 'paused')
    expect((await stagesOf(id)).filter((stage) => stage === 'undone').length).toBe(1)
    for (const host of mine) host.loads = 'in'
    await bench.act(id, { kind: 'exclude', ...because, hosts: stalled.map((host) => host.id) })
    await bench.act(id, { kind: 'resume', ...because })
    await driveUntil(bench, driver, id, 'done')
    expect((await stagesOf(id)).sort()).toEqual(['done', 'done', 'done', 'done', 'left out'])
  })

  test('tells of each wave how many hosts a reversal would touch: no other than it then undoes', async () => {
    const [had] = mine
    if (had === undefined) throw new Error('no host')
    await bench.show(had, 'in')
    const id = await start({
      waves: [
        { name: 'half', share: { kind: 'percent', percent: 60 } },
        { name: 'rest', share: { kind: 'rest' } },
      ],
    })
    await driveUntil(bench, driver, id, 'done')
    const detail = await readDetail(bench.kysely, WHOLE_FLEET, id, 'operator', bench.clock.now())
    const { hosts } = (await bench.read(id)).state
    const toUndo = [0, 1].map(
      (wave) => [...hosts.values()].filter((host) => host.wave === wave && isToUndo(host)).length,
    )
    expect(detail.waves.map((wave) => wave.toUndo)).toEqual(toUndo)
    expect(toUndo.reduce((sum, count) => sum + count)).toBe(mine.length - 1)
    await bench.act(id, { kind: 'reverse', ...because, fromWave: 1, afterwards: 'end' })
    await driveUntil(bench, driver, id, 'reversed in part')
    expect((await stagesOf(id)).filter((stage) => stage === 'undone').length).toBe(toUndo[1])
    const after = await readDetail(bench.kysely, WHOLE_FLEET, id, 'operator', bench.clock.now())
    expect(after.waves.map((wave) => wave.toUndo)).toEqual([toUndo[0], 0])
  })

  test('reverses by itself when a kernel has an oops after the change', async () => {
    const id = await start({
      gates: [{ kind: 'kernel log' }],
      budget: { failures: 0, whenSpent: 'reverse' },
      waves: [
        { name: 'canary', share: { kind: 'count', hosts: 1 }, soakSeconds: 600 },
        { name: 'rest', share: { kind: 'rest' } },
      ],
    })
    for (let round = 0; round < 3; round += 1) {
      await driver.look()
      await bench.answer()
      bench.advance(2_000)
    }
    const [canary] = (await bench.read(id)).state.hosts.values()
    expect(canary?.stage).toBe('done')
    const host = mine.find((one) => one.id === canary?.id) ?? mine[0]
    if (host === undefined) throw new Error('no canary')
    const taints = [{ bit: 7, letter: 'D', meaning: 'kernel has died recently, i.e. there was an OOPS or BUG' }]
    await bench.show(host, 'in', { kernel: { ...kernel, taints } })
    await driveUntil(bench, driver, id, 'reversed')
    expect(host.stub.effects.map((effect) => effect.split(' ')[1])).toEqual(['action', 'reversal'])
    const decisions = await bench.decisionsOf(id)
    expect(decisions.find(({ kind }) => kind === 'reversing by itself')?.because).toMatch(/oops/)
  })

  test('takes back what was ordered and not sent when it is paused, and no host is told after', async () => {
    for (const host of mine) host.away = true
    const id = await start({ waves: [{ name: 'all', share: { kind: 'rest' } }] })
    await driver.look()
    bench.advance(2_000)
    await driver.look()
    expect((await bench.commandsOf(id)).map(({ state }) => state)).toEqual(Array(5).fill('waiting'))
    await bench.act(id, { kind: 'pause', ...because })
    await driver.look()
    expect((await bench.commandsOf(id)).map(({ state }) => state)).toEqual(Array(5).fill('cancelled'))
    for (const host of mine) host.away = false
    await bench.answer()
    expect(mine.flatMap(({ stub }) => stub.effects)).toEqual([])
    await bench.act(id, { kind: 'resume', ...because })
    await driveUntil(bench, driver, id, 'done')
  })

  test('aborted, it goes no further', async () => {
    const id = await start({
      waves: [
        { name: 'first', share: { kind: 'count', hosts: 2 }, soakSeconds: 600 },
        { name: 'rest', share: { kind: 'rest' } },
      ],
    })
    for (let round = 0; round < 4; round += 1) {
      await driver.look()
      await bench.answer()
      bench.advance(2_000)
    }
    await bench.act(id, { kind: 'abort', ...because })
    await driveUntil(bench, driver, id, 'aborted')
    bench.advance(700_000)
    await driver.look()
    expect((await stagesOf(id)).sort()).toEqual(['done', 'done', 'waiting', 'waiting', 'waiting'])
  })
})

const kernel = {
  ...{ release: '6.12.1-amd64', version: '#1 SMP', architecture: 'x86_64', bootId: 'boot-1' },
  ...{ bootedAt: '2026-11-24T11:43:20.000Z', livepatchConfigured: true, reliableStackTraces: true, lockdown: 'none' },
  ...{ moduleSignatureEnforced: false, modulesDisabled: false, ftraceEnabled: true },
}

test('T28 nothing is told while the fleet is frozen, not even to undo', async () => {
  const id = await start()
  await bench.kysely.updateTable('fleet_freeze').set({ frozen: true }).execute()
  for (let round = 0; round < 3; round += 1) {
    await driver.look()
    bench.advance(2_000)
  }
  expect(await bench.commandsOf(id)).toEqual([])
  await bench.kysely.updateTable('fleet_freeze').set({ frozen: false }).execute()
  await driveUntil(bench, driver, id, 'done')
})

test('two rollouts that would change the same host: the second is refused, with the overlap named', async () => {
  const first = await start()
  const second = await bench.make({ ...ofGroup(), name: 'other' })
  await expect(bench.act(second, { kind: 'start', ...because })).rejects.toMatchObject({
    code: 'rollout_overlaps',
    detail: expect.stringContaining('other and fix would change 5 hosts at once'),
  })
  await driveUntil(bench, driver, first, 'done')
})

test('hosts that match only later do not join against a policy over them, until it is gone', async () => {
  const spec = {
    hosts: `label.group:${group} label.env:prod`,
    reason: 'as agreed',
    requires: { soakSecondsAtLeast: 900 },
  }
  const who = { ...bench.operator() }
  const id = await start({
    newcomers: 'join',
    waves: [
      { name: 'canary', share: { kind: 'count', hosts: 1 }, soakSeconds: 60 },
      { name: 'rest', share: { kind: 'rest' }, soakSeconds: 60 },
    ],
  })
  await driver.look()
  await setPolicy(bench.kysely, 'soaks', RolloutPolicySpec.parse(spec), who)
  const late = await bench.addHost(`g${group}-late`, { labels: { group: String(group), env: 'prod' } })
  const other = await bench.addHost(`g${group}-other`, { labels: { group: String(group) } })
  const isIn = async (host: { id: string }) => (await bench.read(id)).state.hosts.has(host.id)
  for (let round = 0; round < 40 && !(await isIn(other)); round += 1) {
    await driver.look()
    await bench.answer()
    bench.advance(2_000)
  }
  expect([await isIn(other), await isIn(late)]).toEqual([true, false])
  await deletePolicy(bench.kysely, 'soaks', 'test', who)
  await driveUntil(bench, driver, id, 'done', 90)
  expect((await bench.read(id)).state.hosts.get(late.id)?.stage).toBe('done')
})

test('hosts that match only later join the last wave, where the plan says so', async () => {
  const id = await start({
    newcomers: 'join',
    waves: [
      { name: 'canary', share: { kind: 'count', hosts: 1 }, soakSeconds: 60 },
      { name: 'rest', share: { kind: 'rest' } },
    ],
  })
  await driver.look()
  const late = await bench.addHost(`g${group}-late`, { labels: { group: String(group) } })
  // Its text is made by one look, and it joins with a later one.
  await driveUntil(bench, driver, id, 'done', 90)
  const { state } = await bench.read(id)
  expect([state.hosts.get(late.id)?.wave, state.hosts.get(late.id)?.stage]).toEqual([1, 'done'])
})

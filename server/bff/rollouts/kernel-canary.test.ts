// Goal: the kernel itself is the canary: what its log tells after the order spends the budget, what came before does not, what
// cannot be known shuts the gate and says why; and pressure is held against the hour before. Method: the real driver over
// PostgreSQL, with agents that tell what a table says, and a clock that the test moves.
import type { KernelIncident, KernelReadings } from '@rebootless/shared/contract/kernel-readings.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { kernelIncident, kernelReadings } from '../ingest/test-messages.ts'
import type { RolloutDriver } from './driver.ts'
import { driveUntil, type RolloutBench, type RolloutHost, startRolloutBench } from './test-rollouts.ts'

let bench: RolloutBench
let driver: RolloutDriver
let hosts: readonly [RolloutHost, RolloutHost]
let group = 0
beforeAll(async () => {
  bench = await startRolloutBench()
  driver = bench.driverOver()
})
afterAll(() => bench.end())

/** Each test has two hosts of its own, and the rollouts of those before are over. */
beforeEach(async () => {
  group += 1
  bench.hosts.splice(0)
  await bench.kysely.updateTable('rollouts').set({ follows: false }).execute()
  hosts = [await bench.addHost(`g${group}-01`), await bench.addHost(`g${group}-02`)]
})

const because = { reason: 'test' }
const isoIn = (seconds: number) => new Date(bench.clock.now().getTime() + seconds * 1000).toISOString()
const withLog = (log: Partial<KernelReadings['log']>): Partial<KernelReadings> => ({
  log: { ...kernelReadings().log, ...log },
})
const oops = (at: string): KernelIncident =>
  kernelIncident(77, {
    ...{ at, kind: 'oops', text: 'BUG: kernel NULL pointer dereference, address: 0000000000000018' },
    patched: { function: 'do_new', patch: 'lp_new', own: true },
  })

const start = async (gate: object, change: object = {}): Promise<string> => {
  const id = await bench.make({
    hosts: `name:g${group}-*`,
    gates: [gate],
    budget: { failures: 0, whenSpent: 'reverse' },
    waves: [
      { name: 'canary', share: { kind: 'count', hosts: 1 }, soakSeconds: 60 },
      { name: 'rest', share: { kind: 'rest' } },
    ],
    ...change,
  })
  await bench.act(id, { kind: 'start', ...because })
  return id
}
const rounds = async (count: number) => {
  for (let round = 0; round < count; round += 1) {
    await driver.look()
    await bench.answer()
    bench.advance(2_000)
  }
}
const canaryOf = async (id: string): Promise<RolloutHost> => {
  const [first] = (await bench.read(id)).state.hosts.values()
  const host = hosts.find((one) => one.id === first?.id)
  if (host === undefined) throw new Error('no canary')
  return host
}
const gateOf = async (id: string) => (await bench.read(id)).state.waves[0]?.gates[0]

describe('the kernel’s log', () => {
  const LOG = { kind: 'kernel log' }

  test('an oops after the order spends the budget, and the driver undoes the wave by itself', async () => {
    for (const host of hosts) await bench.tell(host)
    const id = await start(LOG)
    await rounds(3)
    const canary = await canaryOf(id)
    await bench.tell(canary, withLog({ incidents: [oops(isoIn(-1))] }))
    await driveUntil(bench, driver, id, 'reversed')
    expect(canary.stub.effects.map((effect) => effect.split(' ')[1])).toEqual(['action', 'reversal'])
    const decisions = await bench.decisionsOf(id)
    expect(decisions.find(({ kind }) => kind === 'failed')?.because).toBe(
      'Since it was told, its kernel had an oops: BUG: kernel NULL pointer dereference, address: 0000000000000018',
    )
    expect(hosts.filter((host) => host !== canary).flatMap(({ stub }) => stub.effects)).toEqual([])
  })

  test('a hung task and a second warning of one boot count, which taint nothing new', async () => {
    const known = [kernelIncident(5, { at: isoIn(-600) })]
    for (const host of hosts) await bench.tell(host, withLog({ incidents: known }))
    const id = await start(LOG, { budget: { failures: 0, whenSpent: 'pause' } })
    await rounds(3)
    const text = 'INFO: task kworker/u8:2:57 blocked for more than 120 seconds.'
    const hung = kernelIncident(90, { at: isoIn(-1), kind: 'hung task', text })
    await bench.tell(
      await canaryOf(id),
      withLog({ incidents: [...known, kernelIncident(80, { at: isoIn(-1) }), hung] }),
    )
    await driveUntil(bench, driver, id, 'paused')
    const [canary] = (await bench.read(id)).state.hosts.values()
    expect(canary?.reading?.incidents.map(({ kind }) => kind)).toEqual(['warning', 'hung task'])
  })

  test('what was in the log before the order is not the change’s, and the rollout goes through', async () => {
    for (const host of hosts) await bench.tell(host, withLog({ incidents: [oops(isoIn(-30))] }))
    const id = await start(LOG)
    await driveUntil(bench, driver, id, 'done')
    expect(await gateOf(id)).toMatchObject({ open: true, words: 'nothing since the change' })
  })

  test.each<[string, (() => Partial<KernelReadings>) | null, RegExp]>([
    ['an agent that tells nothing', null, /Its agent tells nothing of its kernel’s log: it is older/],
    ['a log that cannot be read', () => withLog({ errno: 'EPERM', completeSince: null }), /cannot be read \(EPERM\)/],
    [
      'records that were overwritten since',
      () => withLog({ lost: 3, completeSince: isoIn(0) }),
      /3 records .* were overwritten/,
    ],
    ['another boot since', () => withLog({ completeSince: isoIn(0) }), /booted meanwhile/],
  ])('%s: the gate stays shut, and says why', async (_name, told, words) => {
    const id = await start(LOG)
    await rounds(3)
    if (told !== null) await bench.tell(await canaryOf(id), told())
    bench.advance(120_000)
    await rounds(3)
    const { state, row } = await bench.read(id)
    expect([state.phase, state.waves[0]?.stage]).toEqual(['running', 'at its gate'])
    expect(await gateOf(id)).toMatchObject({ open: false, words: expect.stringMatching(words) })
    expect(row.sentence).toMatch(words)
  })

  test('T21 incidents are dated by the measured skew: a clock that is minutes ahead or behind moves none over the order', async () => {
    const ids = hosts.map(({ id }) => id)
    await bench.kysely.updateTable('hosts').set({ clock_skew_ms: -120_000 }).where('id', 'in', ids).execute()
    const late = (seconds: number) => isoIn(seconds - 120)
    for (const host of hosts) await bench.tell(host, withLog({ completeSince: late(-900) }))
    const id = await start(LOG, { budget: { failures: 0, whenSpent: 'pause' } })
    await rounds(3)
    const toldAt = bench.clock.now().getTime()
    await bench.tell(await canaryOf(id), withLog({ completeSince: late(-900), incidents: [oops(late(-1))] }))
    await driveUntil(bench, driver, id, 'paused')
    const [canary] = (await bench.read(id)).state.hosts.values()
    expect(canary?.reading?.incidents[0]?.at).toBe(isoIn(-1 - (bench.clock.now().getTime() - toldAt) / 1000))
  })
})

describe('pressure against the hour before', () => {
  const CPU = { kind: 'pressure', of: 'cpu', growthPercent: 50 }
  let totalUs = 0
  beforeEach(() => {
    totalUs = 0
  })
  /** A reading each minute, with so much of the time in which tasks waited. */
  const live = async (minutes: number, percent: number, load = 1) => {
    for (let minute = 0; minute < minutes; minute += 1) {
      bench.advance(60_000)
      totalUs += 60_000_000 * (percent / 100)
      const share = { avg10: percent, avg60: percent, avg300: percent, total: Math.round(totalUs) }
      const pressure = { errno: null, cpu: share, memory: share, io: share }
      for (const host of hosts) await bench.tell(host, { pressure, load: [load, load, load] })
      await driver.look()
    }
  }

  test.each([
    [4, 5, true, /^4\.[5-9]\d % after 4.00 % in the hour before, a growth of [12]\d %; 50 % is the most$/],
    [4, 9, false, /^8\.\d\d % after 4.00 % in the hour before, a growth of 1[0-2]\d %; 50 % is the most$/],
    // Of next to nothing, twice as much is not much.
    [0.1, 0.4, true, /^0\.3\d % after 0.10 % in the hour before, a growth of 2\d %; 50 % is the most$/],
  ])(
    '%d per cent before and %d per cent after',
    async (before, after, open, words) => {
      await live(70, before)
      const id = await start(CPU)
      await rounds(3)
      await live(10, after)
      await rounds(4)
      const { state } = await bench.read(id)
      expect(state.waves[0]?.gates[0]).toMatchObject({ open, words: expect.stringMatching(words) })
      expect(state.waves[0]?.stage).toBe(open ? 'done' : 'at its gate')
    },
    60_000,
  )

  test('load has its own figures', async () => {
    await live(20, 1, 0.5)
    const id = await start({ kind: 'pressure', of: 'load', growthPercent: 10 })
    await rounds(3)
    await live(6, 1, 2)
    await rounds(4)
    expect(await gateOf(id)).toMatchObject({
      open: false,
      words: expect.stringContaining('2.00 after 0.50 in the hour'),
    })
  }, 60_000)

  test('where nothing was told the gate is shut, and names the host', async () => {
    const id = await start(CPU)
    await rounds(3)
    bench.advance(70_000)
    await rounds(4)
    const { name } = await canaryOf(id)
    expect(await gateOf(id)).toMatchObject({ open: false, words: expect.stringContaining(`not known of ${name}`) })
  })
})

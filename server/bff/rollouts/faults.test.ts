// Goal: whatever dies or wakes late, a rollout comes to the same end, and no host is told twice. Method: every statement of
// a driver's looks over a whole rollout is counted, and the driver is killed before and after each; then leaders that freeze
// and wake. The database is a real one. DRIVER_DEATHS=all is every statement, as CI runs it; a number, so many from a seed;
// DRIVER_DEATH="17 before" is one again.
import { TestChance } from '@rebootless/shared/domain/rollouts/test-chance.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMortal } from '../commands/test-faults.ts'
import { giveUpLease, takeLease } from './lease.ts'
import { NoLongerLeads, takeStep } from './step.ts'
import { type RolloutBench, startRolloutBench } from './test-rollouts.ts'

let bench: RolloutBench
beforeAll(async () => {
  bench = await startRolloutBench()
})
afterAll(() => bench.end())

let group = 0
const because = { reason: 'test' }
const NOTHING_NEW = { readings: [], gates: [], newcomers: [] }
/** A host of its own, in a rollout that was started and not looked at. */
const started = async () => {
  group += 1
  bench.hosts.splice(0)
  const host = await bench.addHost(`f${group}`, { labels: { group: `f${group}` } })
  const id = await bench.make({ hosts: `label.group:f${group}`, waves: [{ name: 'all', share: { kind: 'rest' } }] })
  await bench.act(id, { kind: 'start', ...because })
  return { id, host }
}
/** What another backend finds: the lease is over. */
const leaseRunsOut = () =>
  bench.kysely
    .updateTable('leases')
    .set({ until: new Date(0) })
    .execute()

/** Hosts of their own in two waves, two at a time at the most, in a rollout that was started and not looked at. */
const startedInWaves = async () => {
  group += 1
  bench.hosts.splice(0)
  for (const name of ['a', 'b', 'c', 'd']) await bench.addHost(`f${group}${name}`, { labels: { group: `f${group}` } })
  const id = await bench.make({ hosts: `label.group:f${group}`, limits: { atOnce: 2, domains: [] } })
  await bench.act(id, { kind: 'start', ...because })
  return id
}
/** Looks of one driver, and answers of hosts, until the rollout is over or its driver is dead. */
const drive = async (driver: { look(): Promise<void> }, id: string, isDead: () => boolean): Promise<void> => {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    await driver.look()
    if (isDead()) return
    await bench.answer()
    bench.advance(2_000)
    if ((await bench.read(id)).state.phase === 'done') return
  }
  throw new Error(`not done after ${ROUNDS_MAX} rounds`)
}
const ROUNDS_MAX = 60

type Death = readonly [at: number, moment: 'before' | 'after']
/** The share of all deaths that this run dies; the same each time. */
const deathsOf = (effects: number): readonly Death[] => {
  const [at, moment] = process.env.DRIVER_DEATH?.split(' ') ?? []
  if (at !== undefined) return [[Number(at), moment === 'after' ? 'after' : 'before']]
  const all = Array.from({ length: effects }, (_, index) => index + 1).flatMap((one): Death[] => [
    [one, 'before'],
    [one, 'after'],
  ])
  if (process.env.DRIVER_DEATHS === 'all') return all
  const chance = new TestChance(35)
  return Array.from({ length: Number(process.env.DRIVER_DEATHS ?? 12) }, () => chance.pick(all as [Death]))
}

describe('T35 the driver dies', () => {
  test(
    'before and after effects of all its looks over several waves and hosts: the same end, each host told once, and a log without gaps',
    async () => {
      const counted = createMortal(bench.database.connection, () => 'live')
      await leaseRunsOut()
      const first = await startedInWaves()
      await drive(bench.driverOver(counted.kysely), first, () => false)
      const effects = counted.effects()
      await counted.end()
      expect(effects).toBeGreaterThan(100)
      const told = async (id: string) =>
        (await bench.decisionsOf(id)).map(({ kind, wave }) => `${kind} ${wave}`).join(', ')
      const story = await told(first)

      for (const [at, moment] of deathsOf(effects)) {
        await leaseRunsOut()
        const id = await startedInWaves()
        let isDead = false
        const mortal = createMortal(bench.database.connection, (count, when) => {
          isDead ||= count === at && when === moment
          return isDead ? 'die' : 'live'
        })
        await drive(bench.driverOver(mortal.kysely), id, () => isDead)
        await mortal.end()
        await leaseRunsOut()
        await drive(bench.driverOver(), id, () => false)
        const where = `DRIVER_DEATH="${at} ${moment}" of ${effects}`
        expect([where, isDead]).toEqual([where, true])
        expect([where, bench.hosts.map(({ stub }) => stub.effects.length)]).toEqual([where, [1, 1, 1, 1]])
        const decisions = await bench.decisionsOf(id)
        expect([where, decisions.map(({ number }) => number)]).toEqual([where, decisions.map((_, index) => index)])
        expect([where, await told(id)]).toEqual([where, story])
        expect([where, (await bench.commandsOf(id)).length]).toEqual([where, 4])
      }
    },
    process.env.DRIVER_DEATHS === 'all' ? 3_600_000 : 120_000,
  )
})

describe('T37 leaders', () => {
  const [ann, ben] = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'] as const

  test('there is one at a time, and each that follows another has a greater number', async () => {
    await leaseRunsOut()
    const first = await takeLease(bench.kysely, ann)
    if (first === null) throw new Error('nobody leads')
    expect(await takeLease(bench.kysely, ann)).toBe(first)
    expect(await takeLease(bench.kysely, ben)).toBeNull()
    await giveUpLease(bench.kysely, ann)
    expect(await takeLease(bench.kysely, ben)).toBe(first + 1)
    await leaseRunsOut()
    // His own, that had run out: somebody may have led meanwhile.
    expect(await takeLease(bench.kysely, ben)).toBe(first + 2)
  })

  test('a backend on a database of its own waits for no dead one, and has a greater number all the same', async () => {
    await leaseRunsOut()
    const dead = await takeLease(bench.kysely, ann)
    expect(await takeLease(bench.kysely, ben, true)).toBe((dead ?? 0) + 1)
    expect(await takeLease(bench.kysely, ann)).toBeNull()
  })

  test('one that was frozen and is woken late writes nothing', async () => {
    const { id } = await started()
    await leaseRunsOut()
    const old = await takeLease(bench.kysely, ann)
    const before = await bench.read(id)
    await leaseRunsOut()
    const newest = await takeLease(bench.kysely, ben)
    if (old === null || newest === null) throw new Error('nobody leads')
    const late = { fencing: old, now: bench.clock.now }
    await expect(takeStep(bench.kysely, before, NOTHING_NEW, late)).rejects.toBeInstanceOf(NoLongerLeads)
    expect((await bench.read(id)).row).toEqual(before.row)
    expect(await bench.decisionsOf(id)).toEqual([])
    const after = await takeStep(bench.kysely, before, NOTHING_NEW, { fencing: newest, now: bench.clock.now })
    expect(after?.state.phase).toBe('running')
    await expect(takeStep(bench.kysely, before, NOTHING_NEW, late)).rejects.toBeInstanceOf(NoLongerLeads)
  })

  test('a step from a state that is no longer the newest is not written', async () => {
    const { id } = await started()
    await leaseRunsOut()
    const fencing = await takeLease(bench.kysely, ann)
    if (fencing === null) throw new Error('nobody leads')
    const before = await bench.read(id)
    const by = { fencing, now: bench.clock.now }
    expect(await takeStep(bench.kysely, before, NOTHING_NEW, by)).toBeDefined()
    expect(await takeStep(bench.kysely, before, NOTHING_NEW, by)).toBeUndefined()
    expect((await bench.read(id)).row.version).toBe('2')
  })

  test('one that loses its lease between the first and the last write of a step commits nothing of it', async () => {
    const { id } = await started()
    await leaseRunsOut()
    const fencing = await takeLease(bench.kysely, ann)
    if (fencing === null) throw new Error('nobody leads')
    const before = await bench.read(id)
    // Another takes over in the middle of the step.
    await sql`create function take_over() returns trigger language plpgsql as
      $$ begin update leases set fencing = fencing + 1; return new; end $$`.execute(bench.kysely)
    await sql`create trigger take_over before insert on rollout_decisions
      for each row execute function take_over()`.execute(bench.kysely)
    const by = { fencing, now: bench.clock.now }
    await expect(takeStep(bench.kysely, before, NOTHING_NEW, by)).rejects.toBeInstanceOf(NoLongerLeads)
    await sql`drop trigger take_over on rollout_decisions`.execute(bench.kysely)
    expect([(await bench.read(id)).row, await bench.decisionsOf(id)]).toEqual([before.row, []])
    expect(await takeStep(bench.kysely, before, NOTHING_NEW, by)).toBeDefined()
  })
})

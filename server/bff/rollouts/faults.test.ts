// Goal: whatever dies or wakes late, a rollout comes to the same end, and no host is told twice. Method: every statement of
// a driver's looks is counted, and the driver is killed before and after each; then leaders that freeze and wake. The
// database is a real one.
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMortal, Killed } from '../commands/test-faults.ts'
import { giveUpLease, takeLease } from './lease.ts'
import { NoLongerLeads, takeStep } from './step.ts'
import { driveUntil, type RolloutBench, startRolloutBench } from './test-rollouts.ts'

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

describe('T35 the driver dies', () => {
  test('before and after each of its effects: the same end, each host told once, and a log without gaps', async () => {
    const twoLooks = async (driver: { look(): Promise<void> }) => {
      await driver.look()
      await driver.look()
    }
    const counted = createMortal(bench.database.connection, () => 'live')
    const first = await started()
    await twoLooks(bench.driverOver(counted.kysely))
    const effects = counted.effects()
    expect((await bench.commandsOf(first.id)).length).toBe(1)
    await leaseRunsOut()
    await driveUntil(bench, bench.driverOver(), first.id, 'done')
    await counted.end()
    expect(effects).toBeGreaterThan(30)

    for (let at = 1; at <= effects; at += 1) {
      for (const moment of ['before', 'after'] as const) {
        await leaseRunsOut()
        const { id, host } = await started()
        const mortal = createMortal(bench.database.connection, (count, when) =>
          count === at && when === moment ? 'die' : 'live',
        )
        const dying = bench.driverOver(mortal.kysely)
        await twoLooks(dying).catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error
        })
        await mortal.end()
        await leaseRunsOut()
        await driveUntil(bench, bench.driverOver(), id, 'done')
        const where = `killed ${moment} effect ${at} of ${effects}`
        expect([where, host.stub.effects.length]).toEqual([where, 1])
        const decisions = await bench.decisionsOf(id)
        expect([where, decisions.map(({ number }) => number)]).toEqual([where, decisions.map((_, index) => index)])
        expect([where, decisions.filter(({ kind }) => kind === 'wave begun').length]).toEqual([where, 1])
        expect([where, (await bench.commandsOf(id)).length]).toEqual([where, 1])
      }
    }
  }, 120_000)
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

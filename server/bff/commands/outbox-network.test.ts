// Goal: over a bad network and two backends a command is done once at most, and once when it heals. Method: seeded runs that
// lose, repeat and reorder messages, replace links, freeze and lift; `SEED=4711` replays one.
import type { CommandResult, ServerMessage } from '@rebootless/shared/contract/agent-message.ts'
import { createFaultReport } from '@rebootless/shared/domain/test-fault-report.ts'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addTestHost, listeningLink, type TestHost } from './test-fleet.ts'
import { deliver, startOutboxBench } from './test-outbox.ts'

let bench: Awaited<ReturnType<typeof startOutboxBench>>
beforeAll(async () => {
  bench = await startOutboxBench()
})
afterAll(() => bench.end())

const aliveOf = async (hosts: readonly TestHost[]): Promise<number> => {
  const ids = hosts.map(({ id }) => id)
  const alive = bench.database.kysely.selectFrom('commands').select('id').where('state', 'in', ['waiting', 'sent'])
  return (await alive.where('host_id', 'in', ids).execute()).length
}

const SEEDS =
  process.env.SEED === undefined ? Array.from({ length: 6 }, (_, index) => index + 1) : [Number(process.env.SEED)]
const STEPS = 150
const report = createFaultReport()
const FAULTS = [
  'link replaced',
  'time passes',
  'freeze',
  'lift',
  'message lost',
  'message repeated',
  'result lost',
] as const
type Fault = (typeof FAULTS)[number]

describe('T19 T28 two backends and a bad network', () => {
  afterAll(() => console.info(`What each fault met in all seeded runs (T40), by states of commands:\n${report.text()}`))
  test.each(SEEDS)(
    'each command is done at most once, and all are once it heals (seed %i)',
    async (seed) => {
      const random = xoroshiro128plus(seed)
      const below = (limit: number) => uniformInt(random, 0, limit - 1)
      const hosts: TestHost[] = []
      for (let index = 0; index < 3; index += 1)
        hosts.push(await addTestHost(bench.database.kysely, { now: bench.clock.now() }))
      const agents = hosts.map((host) => ({
        host,
        stub: bench.stubOf(host),
        down: [] as ServerMessage[],
        up: [] as CommandResult[],
        at: 0,
      }))
      const backends = [bench.dispatcherOver(), bench.dispatcherOver()]
      const ids: string[] = []
      const link = (agent: (typeof agents)[number]) => {
        agent.at = below(2)
        const open = listeningLink(agent.host)
        backends[agent.at]?.linkOpened({ ...open, send: (message) => void agent.down.push(message) })
      }
      const take = <T>(queue: T[]): T | undefined => queue.splice(below(Math.max(1, queue.length)), 1)[0]
      for (const agent of agents) link(agent)
      const meet = async (fault: Fault) => {
        const ids = hosts.map(({ id }) => id)
        const rows = bench.database.kysely.selectFrom('commands').select('state').where('host_id', 'in', ids)
        report.meet(fault, new Set((await rows.execute()).map(({ state }) => state)))
      }

      for (let step = 0; step < STEPS; step += 1) {
        const agent = agents[below(agents.length)]
        if (agent === undefined) continue
        switch (below(10)) {
          case 0:
            ids.push(await bench.refresh(hosts))
            break
          case 1:
            await meet('link replaced')
            link(agent)
            break
          case 2:
            await meet('time passes')
            bench.pass(below(4 * 60_000))
            break
          case 3:
            if (below(2) === 0) {
              await meet('freeze')
              await bench.freeze()
            } else {
              await meet('lift')
              await bench.lift()
            }
            break
          case 4:
            if (take(agent.down) !== undefined) await meet('message lost')
            break
          case 5: {
            const again = agent.down[below(Math.max(1, agent.down.length))]
            if (again === undefined) break
            await meet('message repeated')
            agent.down.push(again)
            break
          }
          case 6:
          case 7: {
            const message = take(agent.down)
            const before = agent.stub.effects.length
            const wasFrozen = agent.stub.isFrozen()
            const result = message && agent.stub.hear(message)
            if (wasFrozen) expect(agent.stub.effects.length).toBe(before)
            if (result !== undefined) agent.up.push(result)
            break
          }
          case 8: {
            const result = take(agent.up)
            if (result === undefined) break
            if (below(4) > 0) await backends[below(2)]?.accept(agent.host.id, result, bench.clock.now())
            else await meet('result lost')
            break
          }
          default:
            await Promise.all(backends.map((backend) => backend.look()))
        }
        for (const { stub } of agents) expect(new Set(stub.effects).size).toBe(stub.effects.length)
      }

      await bench.lift()
      for (let round = 0; round < 60 && (await aliveOf(hosts)) > 0; round += 1) {
        bench.pass(60_000)
        for (const agent of agents) link(agent)
        await Promise.all(backends.map((backend) => backend.look()))
        for (const agent of agents) {
          await deliver(
            agent.stub,
            agent.down,
            (result) => backends[agent.at]?.accept(agent.host.id, result, bench.clock.now()) ?? Promise.resolve(),
          )
        }
      }
      for (const { stub } of agents) {
        expect(new Set(stub.effects).size).toBe(stub.effects.length)
        const commands = await bench.database.kysely
          .selectFrom('commands')
          .select(['authorisation_id', 'state', 'code'])
          .where('host_id', '=', stub.host.id)
          .execute()
        for (const id of ids) {
          const ends = commands
            .filter((row) => row.authorisation_id === id)
            .map(({ state, code }) => `${state} ${code ?? ''}`)
          const told = stub.effects.includes(`${id} action`) ? ['done '] : []
          expect([seed, id, ends.filter((end) => end === 'done ')]).toEqual([seed, id, told])
          expect([seed, id, ends.some((end) => end.startsWith('waiting') || end.startsWith('sent'))]).toEqual([
            seed,
            id,
            false,
          ])
        }
      }
      await Promise.all(backends.map((backend) => backend.close()))
    },
    60_000,
  )

  test.skipIf(SEEDS.length === 1)(
    'T40 the runs reach something: each fault meets commands that wait and that are sent',
    () => {
      for (const fault of FAULTS) {
        expect([fault, ...report.statesOf(fault)]).toEqual(expect.arrayContaining([fault, 'sent', 'waiting']))
      }
    },
  )
})

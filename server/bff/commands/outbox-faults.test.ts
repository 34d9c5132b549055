// Goal: a command is never lost and never done twice, whatever dies, and after a freeze nothing is made. Method: every
// effect of a command's life is counted and the backend killed before and after each; then seeded runs of two backends
// over a network that loses, repeats and reorders. The journal of the stub is the agent's; the database is a real one.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { CommandResult, ServerMessage } from '@rebootless/shared/contract/agent-message.ts'
import { createFaultReport } from '@rebootless/shared/domain/test-fault-report.ts'
import type { Kysely } from 'kysely'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DatabaseSchema } from '../database/schema.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { WHOLE_FLEET } from '../hosts/host-scope.ts'
import { createUser } from '../http/test-users.ts'
import { type CommandKey, openCommandKey } from '../link/command-key.ts'
import { createDispatcher, type Dispatcher } from './dispatcher.ts'
import { freezeFleet, liftFreeze } from './freeze.ts'
import { requestAuthorisation } from './request-authorisation.ts'
import { createMortal, Killed } from './test-faults.ts'
import { type AgentStub, addTestHost, createAgentStub, listeningLink, type TestHost } from './test-fleet.ts'

let database: TestDatabase
let folder: string
let key: CommandKey
let people: { userId: string; username: string }[]
let nowMs = Date.parse('2026-11-26T12:00:00.000Z')
const clock = { now: () => new Date(nowMs) }
beforeAll(async () => {
  database = await createTestDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-outbox-'))
  key = await openCommandKey(folder)
  people = []
  for (const _ of [1, 2]) {
    const userId = await createUser(database.kysely, 'operator')
    people.push({ userId, username: `operator-${userId}` })
  }
})
afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

const act = (index = 0) => {
  const who = people[index] ?? { userId: randomUUID(), username: 'nobody' }
  return {
    actor: { kind: 'user', id: who.userId, name: who.username, address: null },
    requestId: null,
    now: clock.now(),
    ...who,
  } as const
}
const refresh = (hosts: readonly TestHost[]): Promise<string> =>
  requestAuthorisation(
    database.kysely,
    {
      ...{
        action: 'refresh',
        patch: null,
        artefact: null,
        provider: null,
        target: null,
        reason: 'test',
        validHours: 24,
      },
      ...{ downgrade: false, reversal: false, hosts: hosts.map(({ id }) => ({ id })) },
    },
    { ...act(), role: 'operator', scope: WHOLE_FLEET },
  )
const silent = { warn: () => undefined }
const dispatcherOver = (kysely: Kysely<DatabaseSchema>): Dispatcher =>
  createDispatcher({ database: kysely, clock, key, files: { read: async () => undefined }, log: silent })
const statesOf = async (id: string) => {
  const rows = await database.kysely.selectFrom('commands').select('state').where('authorisation_id', '=', id).execute()
  return rows.map(({ state }) => state).sort()
}

const aliveOf = async (hosts: readonly TestHost[]): Promise<number> => {
  const ids = hosts.map(({ id }) => id)
  const alive = database.kysely.selectFrom('commands').select('id').where('state', 'in', ['waiting', 'sent'])
  return (await alive.where('host_id', 'in', ids).execute()).length
}

/** Passes what waits in a link's list to the agent, and its answers back. @returns the answers */
const deliver = async (stub: AgentStub, sent: ServerMessage[], to: (result: CommandResult) => Promise<void>) => {
  for (const message of sent.splice(0)) {
    const result = stub.hear(message)
    if (result !== undefined) await to(result)
  }
}

/** One command from its making to its stored result, over one backend. */
const wholeLife = async (host: TestHost, stub: AgentStub, mortal: ReturnType<typeof createMortal>): Promise<void> => {
  const dispatcher = dispatcherOver(mortal.kysely)
  const link = listeningLink(host)
  // Sending is an effect too: killed before it, the agent hears nothing; after it, nobody wrote down that it was sent.
  dispatcher.linkOpened({
    ...link,
    send: (message) => void mortal.effect(() => link.send(message)).catch(() => undefined),
  })
  await dispatcher.look()
  await deliver(stub, link.sent, (result) => dispatcher.accept(host.id, result, clock.now()))
  await dispatcher.look()
}

describe('T19 the backend dies', () => {
  test('before and after each effect of a command’s life: done once, told once, by whichever lives', async () => {
    const counted = createMortal(database.connection, () => 'live')
    const first = await addTestHost(database.kysely, { now: clock.now() })
    await refresh([first])
    await wholeLife(first, createAgentStub(first, key.publicKey, clock.now), counted)
    const effects = counted.effects()
    await counted.end()
    expect(effects).toBeGreaterThan(20)

    for (let at = 1; at <= effects; at += 1) {
      for (const moment of ['before', 'after'] as const) {
        const host = await addTestHost(database.kysely, { now: clock.now() })
        const stub = createAgentStub(host, key.publicKey, clock.now)
        const id = await refresh([host])
        const mortal = createMortal(database.connection, (count, when) =>
          count === at && when === moment ? 'die' : 'live',
        )
        await wholeLife(host, stub, mortal).catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error
        })
        await mortal.end()
        // The host comes back, to another backend, and says again what was not acknowledged.
        const other = dispatcherOver(database.kysely)
        const link = listeningLink(host)
        other.linkOpened(link)
        for (let round = 0; round < 2; round += 1) {
          await other.look()
          await deliver(stub, link.sent, (result) => other.accept(host.id, result, clock.now()))
        }
        await other.look()
        const where = `killed ${moment} effect ${at} of ${effects}`
        expect([where, stub.effects, await statesOf(id)]).toEqual([where, [`${id} action`], ['done']])
        const told = await database.kysely
          .selectFrom('audit')
          .select('action')
          .where('action', 'in', ['command.send', 'command.result'])
          .where('target_id', '=', host.id)
          .execute()
        expect([where, told.map(({ action }) => action).sort()]).toEqual([where, ['command.result', 'command.send']])
        await other.close()
      }
    }
  }, 120_000)
})

describe('T28 the fleet is frozen', () => {
  test('at each effect of a command’s life: once it stands, nothing is made, and a told agent does nothing', async () => {
    const counted = createMortal(database.connection, () => 'live')
    const first = await addTestHost(database.kysely, { now: clock.now() })
    await refresh([first])
    await wholeLife(first, createAgentStub(first, key.publicKey, clock.now), counted)
    const effects = counted.effects()
    await counted.end()
    const reached = new Set<string>()
    for (let at = 1; at <= effects; at += 1) {
      const host = await addTestHost(database.kysely, { now: clock.now() })
      const stub = createAgentStub(host, key.publicKey, clock.now)
      const id = await refresh([host])
      let frozen: Promise<unknown> | undefined
      let madeThen: string | undefined
      const mortal = createMortal(database.connection, (count, when) => {
        // Not awaited: it has to wait for a transaction that sends, and that one must not wait for it.
        if (count === at && when === 'before') {
          frozen = freezeFleet(database.kysely, 'stop', act(), key).then(async () => {
            madeThen = (await statesOf(id)).join()
          })
        }
        return 'live'
      })
      await wholeLife(host, stub, mortal)
      await frozen
      await mortal.end()
      const doneThen = stub.effects.length
      const other = dispatcherOver(database.kysely)
      const link = listeningLink(host)
      other.linkOpened(link)
      await other.look()
      await deliver(stub, link.sent, (result) => other.accept(host.id, result, clock.now()))
      await other.look()
      const where = `frozen at effect ${at} of ${effects}`
      expect([where, stub.isFrozen(), stub.effects.length]).toEqual([where, true, doneThen])
      if (madeThen === 'waiting') expect([where, await statesOf(id)]).toEqual([where, ['waiting']])
      reached.add(madeThen ?? 'never')
      await other.close()
      for (const index of [0, 1]) await liftFreeze(database.kysely, act(index), key)
    }
    expect([...reached].sort()).toEqual(expect.arrayContaining(['done', 'waiting']))
  }, 120_000)
})

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
      for (let index = 0; index < 3; index += 1) hosts.push(await addTestHost(database.kysely, { now: clock.now() }))
      const agents = hosts.map((host) => ({
        host,
        stub: createAgentStub(host, key.publicKey, clock.now),
        down: [] as ServerMessage[],
        up: [] as CommandResult[],
        at: 0,
      }))
      const backends = [dispatcherOver(database.kysely), dispatcherOver(database.kysely)]
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
        const rows = database.kysely.selectFrom('commands').select('state').where('host_id', 'in', ids)
        report.meet(fault, new Set((await rows.execute()).map(({ state }) => state)))
      }

      for (let step = 0; step < STEPS; step += 1) {
        const agent = agents[below(agents.length)]
        if (agent === undefined) continue
        switch (below(10)) {
          case 0:
            ids.push(await refresh(hosts))
            break
          case 1:
            await meet('link replaced')
            link(agent)
            break
          case 2:
            await meet('time passes')
            nowMs += below(4 * 60_000)
            break
          case 3:
            if (below(2) === 0) {
              await meet('freeze')
              await freezeFleet(database.kysely, 'stop', act(), key)
            } else {
              await meet('lift')
              for (const index of [0, 1]) await liftFreeze(database.kysely, act(index), key).catch(() => undefined)
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
            if (below(4) > 0) await backends[below(2)]?.accept(agent.host.id, result, clock.now())
            else await meet('result lost')
            break
          }
          default:
            await Promise.all(backends.map((backend) => backend.look()))
        }
        for (const { stub } of agents) expect(new Set(stub.effects).size).toBe(stub.effects.length)
      }

      for (const index of [0, 1]) await liftFreeze(database.kysely, act(index), key).catch(() => undefined)
      for (let round = 0; round < 60 && (await aliveOf(hosts)) > 0; round += 1) {
        nowMs += 60_000
        for (const agent of agents) link(agent)
        await Promise.all(backends.map((backend) => backend.look()))
        for (const agent of agents) {
          await deliver(
            agent.stub,
            agent.down,
            (result) => backends[agent.at]?.accept(agent.host.id, result, clock.now()) ?? Promise.resolve(),
          )
        }
      }
      for (const { stub } of agents) {
        expect(new Set(stub.effects).size).toBe(stub.effects.length)
        const commands = await database.kysely
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

// Goal: a host with several servers goes to another when its own is gone, or when it is asked to, and is never kept on its
// way. Method: the choice alone, for every chance; and the real agent at two backends on one database, over TLS.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestFleet, type TestFleet } from '../../bff/enrolment/test-fleet.ts'
import { eventually } from '../../bff/link/link-test-bench.ts'
import { LAB_POLICY } from '../config/host-policy.ts'
import { runAgent } from '../run-agent.ts'
import { enrol } from './enrol.ts'
import { createServerChoice } from './server-choice.ts'
import { clock, handObserver } from './test-agent.ts'

const [A, B, C] = ['https://a:1', 'https://b:1', 'https://c:1']

describe('the choice', () => {
  const choiceOf = (addresses: readonly string[], chance: number) =>
    createServerChoice(
      async () => addresses,
      () => chance,
    )

  test.each([0, 0.4, 0.99])('each is tried once before any is tried again (chance %f)', async (chance) => {
    const choice = choiceOf([A, B, C], chance)
    const tried: string[] = []
    for (const left of [true, true, false]) {
      tried.push(await choice.next('https://enrolled:1'))
      expect(choice.leave(false)).toBe(left)
    }
    expect(tried.sort()).toEqual([A, B, C])
    const last = choice.current()
    expect(await choice.next(A)).not.toBe(last)
  })

  test('it stays until it is left, and after a good link all others are tried anew', async () => {
    const choice = choiceOf([A, B], 0)
    expect([await choice.next(C), await choice.next(C)]).toEqual([A, A])
    choice.leave(false)
    expect(await choice.next(C)).toBe(B)
    expect(choice.leave(true)).toBe(true)
    expect(await choice.next(C)).toBe(A)
  })

  test('without addresses it is where the host enrolled, and one that is no longer named is left', async () => {
    const addresses: string[] = []
    const choice = choiceOf(addresses, 0)
    expect(choice.current()).toBeUndefined()
    expect(await choice.next(A)).toBe(A)
    expect(choice.leave(false)).toBe(false)
    expect(await choice.next(A)).toBe(A)
    addresses.push(B)
    expect(await choice.next(A)).toBe(B)
  })
})

let fleet: TestFleet
beforeAll(async () => {
  fleet = await createTestFleet(2, { moveAfterMs: 0, heartbeatIntervalMs: 200 })
})
afterAll(() => fleet.end())

const startAgent = async (hostName: string, servers: string[]) => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'rebootless-agent-'))
  const identity = { dataDirectory, hostName, origin: 'agent' as const }
  await enrol({ ...identity, server: fleet.first.server, token: (await fleet.token()).token, now: clock.now })
  const stop = new AbortController()
  const linkedAt: string[] = []
  const config = LAB_POLICY.config === null ? null : { ...LAB_POLICY.config, servers }
  const running = runAgent({
    ...{ ...identity, clock, signal: stop.signal, random: () => 0, observer: handObserver().observer },
    ...{ policy: async () => ({ ...LAB_POLICY, config }), policyIsFixed: true, keepsStatus: false },
    log: { info: (text) => void linkedAt.push(text.replace('connected to ', '')), warn: () => {} },
  })
  return {
    linkedAt,
    async stop() {
      stop.abort()
      await running
      await rm(dataDirectory, { recursive: true, force: true })
    },
  }
}

test('T20 asked to go, it goes to its other server, and not a second time within the minute', async () => {
  const [one, two] = fleet.sites
  const servers = fleet.sites.map(({ server }) => server)
  const agent = await startAgent('asked', servers)
  await eventually('linked', () => one?.agents.linkCount() === 1 && agent.linkedAt.length === 1)
  expect(one?.agents.askToGo(5, () => 0)).toBe(1)
  await eventually('moved', () => two?.agents.linkCount() === 1 && agent.linkedAt.length === 2)
  expect(agent.linkedAt).toEqual(servers)
  expect(two?.agents.askToGo(5, () => 0)).toBe(1)
  // What is asked behind it has been answered: it was heard, and the link holds.
  const hosts = () => fleet.call('GET', '/api/v1/hosts')
  const seen = async () => (await hosts()).json<{ items: { lastSeenAt: string }[] }>().items[0]?.lastSeenAt
  const before = await seen()
  await eventually('it goes on', async () => (await seen()) !== before)
  await eventually('the end of the first link is stored', () => one?.agents.linkCount() === 0)
  expect([two?.agents.linkCount(), agent.linkedAt.length]).toEqual([1, 2])
  await agent.stop()
  await eventually('gone', () => two?.agents.linkCount() === 0)
})

test('with one server it comes back to that one, as behind a balancer', async () => {
  const agent = await startAgent('balanced', [])
  await eventually('linked', () => agent.linkedAt.length === 1 && fleet.first.agents.linkCount() === 1)
  fleet.first.agents.askToGo(1, () => 0)
  await eventually('linked again', () => agent.linkedAt.length === 2)
  expect(agent.linkedAt).toEqual([fleet.first.server, fleet.first.server])
  await agent.stop()
})

test('when its server ends it is at the other at once, and comes back when that one ends too', async () => {
  const other = fleet.sites[1]
  const agent = await startAgent('two', ['https://127.0.0.1:1', other?.server ?? '', fleet.first.server])
  await eventually('past the dead one', () => agent.linkedAt.length === 1)
  expect(agent.linkedAt).toEqual([other?.server])
  await other?.agents.close()
  await eventually('moved', () => agent.linkedAt.length === 2)
  expect(agent.linkedAt[1]).toBe(fleet.first.server)
  await agent.stop()
})

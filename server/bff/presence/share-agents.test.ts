// Goal: backends of one database know of each other, ask agents to go while they hold too many, and forget who is gone.
// Method: several of them over a real PostgreSQL, with agents that are numbers.
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { eventually } from '../link/link-test-bench.ts'
import { shareAgents } from './share-agents.ts'

let database: TestDatabase
const ends: (() => Promise<void>)[] = []
beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
  await database.drop()
})

const startBackend = (held: number, goes: (count: number) => void = () => undefined) => {
  const own = { held, asked: 0, looks: 0 }
  const registry = new Registry()
  const end = shareAgents({
    ...{ database: database.kysely, log: { info: () => {}, warn: () => {} }, metrics: registry, random: () => 0 },
    ...{ address: 'here:8443', lookMs: 20 },
    agents: {
      linkCount() {
        own.looks += 1
        return own.held
      },
      askToGo(count) {
        own.asked += count
        own.held -= count
        goes(count)
        return count
      },
    },
  })
  ends.push(end)
  const metric = async (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await registry.metrics())?.[1])
  return { own, end, metric }
}

test('agents of a backend that holds all come to one that has begun, and then nobody is asked', async () => {
  const second = startBackend(0)
  await eventually('the second is there', async () => (await second.metric('rebootless_backends')) === 1)
  const first = startBackend(100, (count) => {
    second.own.held += count
  })
  await eventually('both know', async () => (await second.metric('rebootless_backends')) === 2)
  await eventually('even', () => first.own.held <= 55)
  expect(first.own.held + second.own.held).toBe(100)
  expect([second.own.asked, await first.metric('rebootless_agents_asked_to_go_total')]).toEqual([0, first.own.asked])
  expect(await second.metric('rebootless_agent_links')).toBe(second.own.held)
  await first.end()
  await eventually('alone again', async () => (await second.metric('rebootless_backends')) === 1)
  const left = await database.kysely.selectFrom('backends').selectAll().execute()
  expect(left).toMatchObject([{ address: 'here:8443', agents: second.own.held }])
})

test('one that died is not counted after fifteen seconds, and its row goes', async () => {
  const dead = (secondsAgo: number) => ({
    ...{ id: crypto.randomUUID(), address: 'gone:8443', agents: 0 },
    seen_at: new Date(Date.now() - secondsAgo * 1_000),
  })
  await database.kysely
    .insertInto('backends')
    .values([dead(20), dead(3_600)])
    .execute()
  const backend = startBackend(100)
  await eventually('old rows are gone', async () => {
    const rows = await database.kysely.selectFrom('backends').select('address').execute()
    return rows.length === 2
  })
  // It would ask at its second look.
  await eventually('it has looked', () => backend.own.looks >= 5)
  expect([backend.own.asked, await backend.metric('rebootless_backends')]).toEqual([0, 1])
})

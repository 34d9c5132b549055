// Goal: a rollout that pauses by itself is an alert with the hosts that made it, until a person takes it up. Method: a rollout
// over a real database whose host fails, driven by the real driver, and a step of alerts after it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { driveUntil, type RolloutBench, startRolloutBench } from '../rollouts/test-rollouts.ts'
import { readFleetFacts } from './read-facts.ts'
import { readSettings } from './rules.ts'

let bench: RolloutBench
beforeAll(async () => {
  bench = await startRolloutBench()
})
afterAll(() => bench.end())

const stopped = async () => {
  const settings = await readSettings(bench.kysely)
  const now = bench.clock.now()
  const asked = { settings, version: '0.1.0', heardFrom: now, now, rareEveryMs: 0, memory: undefined }
  const { facts } = await bench.kysely.transaction().execute((transaction) => readFleetFacts(transaction, asked))
  return facts.rollouts
}

test('rollout-needs-someone', async () => {
  const host = await bench.addHost('a', { labels: { group: 'g' } })
  host.loads = 'stalled'
  const driver = bench.driverOver()
  const id = await bench.make({ hosts: 'label.group:g', stalls: { policy: 'ask', afterSeconds: 4 } })
  await bench.act(id, { kind: 'start', reason: 'test' })
  expect(await stopped()).toEqual([])
  await driveUntil(bench, driver, id, 'paused')
  expect(await stopped()).toMatchObject([{ id, kind: 'paused by itself', sentence: expect.any(String) }])
  await bench.act(id, { kind: 'reverse', reason: 'test', fromWave: 0, afterwards: 'end' })
  await driveUntil(bench, driver, id, 'reversed')
  expect(await stopped()).toEqual([])
})

// Goal: each decision of a rollout is in the outbox of the channels that want it, and of no other; what was not decided is in
// none. Method: rollouts over a real database, driven to their end, once by leaders that die at each effect of a step; their
// logs are held against the outbox.
import { RolloutDecided } from '@rebootless/shared/contract/channel-messages.ts'
import type { NewChannel } from '@rebootless/shared/contract/channels.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createChannel } from '../channels/channels.ts'
import { createMortal, Killed } from '../commands/test-faults.ts'
import { createSecretBox } from '../secrets/secret-box.ts'
import { driveUntil, type RolloutBench, startRolloutBench } from './test-rollouts.ts'

let bench: RolloutBench
beforeAll(async () => {
  bench = await startRolloutBench()
})
afterAll(() => bench.end())
beforeEach(() => bench.kysely.deleteFrom('channels').execute())

const box = createSecretBox(Buffer.alloc(32, 5))
const because = { reason: 'test' }
let group = 0

const channel = async (change: Partial<Pick<NewChannel, 'events' | 'scope'>> = {}): Promise<string> => {
  const events = { decisions: 'all', auditHeads: null } as const
  const wanted = { kind: 'webhook', name: 'hook', address: 'https://hook.example/', events, scope: null } as const
  return (await createChannel(bench.kysely, box, { ...wanted, ...change }, bench.operator())).channel.id
}
const sent = async (id: string) => {
  const all = bench.kysely.selectFrom('channel_deliveries').select('body').where('channel_id', '=', id)
  return (await all.orderBy('number').execute()).map(({ body }) => RolloutDecided.parse(JSON.parse(body)))
}
const rollout = async (name?: string, labels: Record<string, string> = {}) => {
  group += 1
  bench.hosts.splice(0)
  const label = `t${group}`
  for (const one of ['a', 'b'])
    await bench.addHost(`${label}-${name ?? ''}${one}`, { labels: { group: label, ...labels } })
  const id = await bench.make({ hosts: `label.group:${label}` })
  await bench.act(id, { kind: 'start', ...because })
  return id
}
const leaseRunsOut = () =>
  bench.kysely
    .updateTable('leases')
    .set({ until: new Date(0) })
    .execute()

test('all that its log tells, in the order of the log, and of a wave that is done since when it went', async () => {
  const id = await channel()
  const of = await rollout()
  await driveUntil(bench, bench.driverOver(), of, 'done')
  const decisions = await bench.decisionsOf(of)
  const messages = await sent(id)
  expect(messages.map(({ timestamp, data }) => [data.number, data.kind, data.sentence, timestamp])).toEqual(
    decisions.map(({ number, kind, sentence, at }) => [number, kind, sentence, at]),
  )
  const begun = messages.filter(({ data }) => data.kind === 'wave begun')
  const over = messages.filter(({ data }) => data.kind === 'wave done')
  expect(over.map(({ data }) => [data.wave?.name, data.wave?.begunAt])).toEqual(
    begun.map(({ data, timestamp }) => [data.wave?.name, timestamp]),
  )
  expect(over).toHaveLength(2)
  expect(messages[0]?.data).toMatchObject({
    rollout: { id: of, name: 'fix', path: `/rollouts/${of}` },
    by: expect.any(String),
  })
  await leaseRunsOut()
})

test('only of the kinds that were chosen, and none while it is off', async () => {
  const some = await channel({ events: { decisions: ['wave done', 'done'], auditHeads: null } })
  const heads = await channel({ events: { decisions: [], auditHeads: { everyMinutes: 1 } } })
  const off = await channel()
  await bench.kysely.updateTable('channels').set({ enabled: false }).where('id', '=', off).execute()
  await driveUntil(bench, bench.driverOver(), await rollout(), 'done')
  expect((await sent(some)).map(({ data }) => data.kind)).toEqual(['wave done', 'wave done', 'done'])
  expect([await sent(heads), await sent(off)]).toEqual([[], []])
  await leaseRunsOut()
})

describe('T07 a scope', () => {
  test('holds back rollouts with a host outside of it, and one that cannot be read holds all back', async () => {
    const staging = await channel({ scope: 'label.env:staging' })
    const unreadable = await channel()
    await bench.kysely.updateTable('channels').set({ scope: 'state:stalled' }).where('id', '=', unreadable).execute()
    const inside = await rollout('', { env: 'staging' })
    await driveUntil(bench, bench.driverOver(), inside, 'done')
    await leaseRunsOut()
    await driveUntil(bench, bench.driverOver(), await rollout('', { env: 'prod' }), 'done')
    expect(new Set((await sent(staging)).map(({ data }) => data.rollout.id))).toEqual(new Set([inside]))
    expect(await sent(unreadable)).toEqual([])
    await leaseRunsOut()
  })
})

test('T04 a host’s name is shown, not acted upon, and no longer than is read', async () => {
  const id = await channel()
  const of = await rollout(`\u001b[31m\u202e${'x'.repeat(200)}`)
  await bench.act(of, { kind: 'exclude', ...because, hosts: bench.hosts.map((host) => host.id) })
  await bench.driverOver().look()
  const [message] = (await sent(id)).filter(({ data }) => data.kind === 'left out')
  expect(message?.data.hosts).toHaveLength(2)
  for (const text of [message?.data.sentence ?? '', message?.data.hosts[0]?.name ?? '']) {
    expect(text).toContain('\\u{1b}[31m\\u{202e}xxx')
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  }
  await leaseRunsOut()
})

test('a leader that dies at any effect of its step has told what it decided, and nothing else', async () => {
  const id = await channel()
  const look = async (die?: { at: number; moment: 'before' | 'after' }) => {
    const of = await rollout()
    const mortal = createMortal(bench.database.connection, (count, moment) =>
      count === die?.at && moment === die.moment ? 'die' : 'live',
    )
    await bench
      .driverOver(mortal.kysely)
      .look()
      .catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error
      })
    const effects = mortal.effects()
    await mortal.end()
    await leaseRunsOut()
    return { of, effects }
  }
  const { effects } = await look()
  expect(effects).toBeGreaterThan(15)
  for (let at = 1; at <= effects; at += 1) {
    const { of } = await look({ at, moment: at % 2 === 0 ? 'before' : 'after' })
    await driveUntil(bench, bench.driverOver(), of, 'done')
    await leaseRunsOut()
    const told = (await sent(id)).filter(({ data }) => data.rollout.id === of).map(({ data }) => data.number)
    expect([at, told]).toEqual([at, (await bench.decisionsOf(of)).map(({ number }) => number)])
  }
}, 120_000)

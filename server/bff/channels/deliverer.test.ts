// Goal: what was put into the outbox arrives, in its order, at least once, whatever receivers and backends do. Method: real
// HTTP receivers that fail, hang, redirect and answer too much; deliverers over a real database that are killed before and
// after each of their effects; time is moved by the test.
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createMortal, Killed } from '../commands/test-faults.ts'
import { changeChannel } from './channels.ts'
import { sendAgain } from './deliver-by-hand.ts'
import { pruneDeliveries } from './prune.ts'
import {
  answers,
  type ChannelBench,
  HANGS,
  type Receiver,
  startChannelBench,
  startReceiver,
  TAKES,
} from './test-channels.ts'

let bench: ChannelBench
let receiver: Receiver
beforeAll(async () => {
  bench = await startChannelBench()
  receiver = await startReceiver()
})
afterAll(async () => {
  await receiver.stop()
  await bench.end()
})
beforeEach(async () => {
  await bench.kysely.deleteFrom('channels').execute()
  receiver.received.splice(0)
  receiver.behave(TAKES)
})

const SECOND = 1_000
const HOUR = 3_600 * SECOND
const said = () => receiver.received.map(({ body }) => (JSON.parse(body) as { data: { by: string } }).data.by)

test('messages arrive once, in their order, and what is not waiting is not sent again', async () => {
  const { id } = await bench.create({ address: receiver.address })
  await bench.say(id, 'one', 'two', 'three')
  const [first, second] = [bench.delivererOver(), bench.delivererOver()]
  await Promise.all([first.look(), second.look(), first.look()])
  expect(said()).toEqual(['one', 'two', 'three'])
  await bench.say(id, 'four')
  await second.look()
  expect(said()).toEqual(['one', 'two', 'three', 'four'])
  expect((await bench.rows(id)).map(({ state, status, attempts }) => [state, status, attempts])).toEqual(
    Array.from({ length: 4 }, () => ['delivered', 204, 1]),
  )
  expect(bench.warned).toEqual([])
})

describe('a receiver that', () => {
  const bad = {
    'answers 500': answers(500, 'broken\u001b[31m'),
    hangs: HANGS,
    redirects: (_request: unknown, response) =>
      void response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    'answers too much': answers(200, 'x'.repeat(50_000)),
    'breaks the connection': (_request: unknown, response) => void response.destroy(),
  } satisfies Record<string, Parameters<Receiver['behave']>[0]>

  test.each(Object.entries(bad))(
    '%s is tried again under the same id, ever more rarely, and gets all in order',
    async (_name, behaves) => {
      const { id } = await bench.create({ address: receiver.address })
      await bench.say(id, 'one', 'two')
      receiver.behave(behaves)
      const deliverer = bench.delivererOver()
      await deliverer.look()
      for (const seconds of [5, 20, 80]) {
        const before = receiver.received.length
        bench.advance((seconds - 1) * SECOND)
        await deliverer.look()
        expect([seconds, receiver.received.length]).toEqual([seconds, before])
        bench.advance(SECOND)
        await deliverer.look()
        expect([seconds, receiver.received.length]).toEqual([seconds, before + 1])
      }
      expect(new Set(receiver.ids()).size).toBe(1)
      const progress = await bench.progress(id)
      expect(progress.failures).toBe(4)
      expect(progress.failing_detail).not.toMatch(/[\p{Cc}]/u)
      receiver.behave(TAKES)
      receiver.received.splice(0)
      bench.advance(HOUR)
      await deliverer.look()
      expect(said()).toEqual(['one', 'two'])
      expect(await bench.progress(id)).toMatchObject({ failures: 0, failing_since: null })
    },
  )

  test('hangs holds up no other channel, nor what comes for another meanwhile', async () => {
    let letGo: () => void = () => undefined
    const hung = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const stuck = `${receiver.address}/stuck`
    const deliverer = bench.delivererOver(bench.kysely, async (target, ...more) => {
      if (target.address === stuck) await hung
      return bench.send(target, ...more)
    })
    for (let n = 0; n < 3; n += 1) await bench.say((await bench.create({ address: stuck })).id, 'stuck')
    const { id } = await bench.create({ address: receiver.address })
    await bench.say(id, 'one', 'two')
    const looks = [deliverer.look()]
    await expect.poll(said).toEqual(['one', 'two'])
    await bench.say(id, 'three')
    await expect
      .poll(() => {
        looks.push(deliverer.look())
        return said()
      })
      .toEqual(['one', 'two', 'three'])
    letGo()
    await Promise.all(looks)
    expect(said().slice(3)).toEqual(['stuck', 'stuck', 'stuck'])
  })

  test('chokes on one message gets the others, and that one again when somebody says so', async () => {
    const { id } = await bench.create({ address: receiver.address })
    await bench.say(id, 'poison', 'two')
    receiver.behave(
      ({ body }, response) => void response.writeHead(body.includes('poison') ? 422 : 204).end('no such field'),
    )
    const deliverer = bench.delivererOver()
    for (let look = 0; look < 4; look += 1) {
      await deliverer.look()
      bench.advance(HOUR)
    }
    expect(said()).toEqual(['poison', 'poison', 'poison', 'two'])
    const [dead] = await bench.rows(id)
    expect(dead).toMatchObject({
      state: 'dead',
      attempts: 3,
      status: 422,
      detail: 'The receiver answered 422. no such field',
    })
    receiver.behave(TAKES)
    await sendAgain(bench.kysely, dead?.id ?? '', bench.who())
    await deliverer.look()
    expect(receiver.ids().at(-1)).toBe(dead?.id)
    expect((await bench.rows(id)).map(({ state }) => state)).toEqual(['delivered', 'delivered'])
    await expect(sendAgain(bench.kysely, dead?.id ?? '', bench.who())).rejects.toMatchObject({
      code: 'delivery_not_found',
    })
  })

  test('is away for more than a day finds what is young, and what is old is kept among the dead', async () => {
    const { id } = await bench.create({ address: receiver.address })
    await bench.say(id, 'old', 'old too')
    receiver.behave(answers(503))
    const deliverer = bench.delivererOver()
    await deliverer.look()
    bench.advance(24 * HOUR)
    await bench.say(id, 'young')
    await deliverer.look()
    expect((await bench.rows(id)).map(({ state }) => state)).toEqual(['dead', 'dead', 'waiting'])
    receiver.behave(TAKES)
    receiver.received.splice(0)
    bench.advance(HOUR)
    await deliverer.look()
    expect(said()).toEqual(['young'])
    await pruneDeliveries(bench.kysely, bench.now())
    expect(await bench.rows(id)).toHaveLength(3)
    bench.advance(8 * 24 * HOUR)
    await pruneDeliveries(bench.kysely, bench.now())
    expect((await bench.rows(id)).map(({ state }) => state)).toEqual(['dead', 'dead'])
    bench.advance(30 * 24 * HOUR)
    await pruneDeliveries(bench.kysely, bench.now())
    expect(await bench.rows(id)).toEqual([])
  })

  test('is gone turns its channel off, which the log and the page tell; turned on, it goes on', async () => {
    const { id } = await bench.create({ address: receiver.address })
    await bench.say(id, 'one')
    receiver.behave(answers(410))
    const deliverer = bench.delivererOver()
    await deliverer.look()
    bench.advance(HOUR)
    await deliverer.look()
    expect(receiver.received).toHaveLength(1)
    const channel = await bench.kysely.selectFrom('channels').selectAll().executeTakeFirstOrThrow()
    expect(channel).toMatchObject({ enabled: false, off_because: expect.stringContaining('410') })
    const { entry } = await bench.kysely
      .selectFrom('audit')
      .select('entry')
      .orderBy('sequence', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    expect(JSON.parse(entry)).toMatchObject({ action: 'channel.turn_off', actor: { kind: 'server' } })
    receiver.behave(TAKES)
    expect(await changeChannel(bench.kysely, bench.box, id, { enabled: true }, bench.who())).toMatchObject({
      offBecause: null,
    })
    await deliverer.look()
    expect(said()).toEqual(['one', 'one'])
  })
})

test('a message that cannot be made ready fails like any other, and the log says why', async () => {
  const { id } = await bench.create({ kind: 'grafana', token: 'glsa_x', address: receiver.address })
  await bench.say(id, 'one')
  await bench.kysely.updateTable('channel_deliveries').set({ body: '{"type":"of another version"}' }).execute()
  await bench.delivererOver().look()
  expect((await bench.rows(id))[0]).toMatchObject({
    state: 'waiting',
    attempts: 1,
    detail: expect.stringContaining('log'),
  })
  expect(bench.warned.splice(0)).toHaveLength(1)
})

test('more than ten thousand that wait are not added to, and none is lost', async () => {
  const { id } = await bench.create({ address: receiver.address })
  await sql`insert into channel_deliveries (id, channel_id, type, summary, body, state, attempts, created_at, due_since)
    select gen_random_uuid(), ${id}, 'channel.tested', '', '{}', 'waiting', 0, ${bench.now()}, ${bench.now()}
    from generate_series(1, 10000)`.execute(bench.kysely)
  await bench.say(id, 'one too many')
  const last = (await bench.rows(id)).at(-1)
  expect(last).toMatchObject({ state: 'dead', summary: 'one too many', detail: expect.stringContaining('Too many') })
})

test('a deliverer that dies before or after any of its effects loses nothing and changes no order', async () => {
  const counted = createMortal(bench.database.connection, () => 'live')
  const { id: first } = await bench.create({ address: receiver.address })
  await bench.say(first, 'a', 'b', 'c')
  await bench.delivererOver(counted.kysely).look()
  const effects = counted.effects()
  await counted.end()
  expect(said()).toEqual(['a', 'b', 'c'])
  expect(effects).toBeGreaterThan(20)
  for (let at = 1; at <= effects; at += 1) {
    for (const moment of ['before', 'after'] as const) {
      receiver.received.splice(0)
      await bench.kysely.deleteFrom('channels').execute()
      const { id } = await bench.create({ address: receiver.address })
      await bench.say(id, 'a', 'b', 'c')
      const mortal = createMortal(bench.database.connection, (count, when) =>
        count === at && when === moment ? 'die' : 'live',
      )
      await bench
        .delivererOver(mortal.kysely)
        .look()
        .catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error
        })
      await mortal.end()
      bench.advance(60 * SECOND)
      const next = bench.delivererOver()
      // Until the database has noticed that the dead one's connections are gone, it holds their rows for them.
      await expect
        .poll(
          async () => {
            await next.look()
            return (await bench.rows(id)).every(({ state }) => state === 'delivered')
          },
          { timeout: 5_000 },
        )
        .toBe(true)
      const where = `killed ${moment} effect ${at} of ${effects}`
      expect([where, [...new Set(said())]]).toEqual([where, ['a', 'b', 'c']])
      // What came twice came under one id.
      expect([where, new Set(receiver.ids()).size]).toEqual([where, 3])
    }
  }
}, 120_000)

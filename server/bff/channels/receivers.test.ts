// Goal: each kind that is called by HTTP takes what it is sent, and what it answers is told and followed: wait, give up, turn off.
// Method: a real receiver in place of each vendor that takes, fails, hangs, redirects, throttles and answers garbage.
import { ALERT_ID, alertChanged } from '@rebootless/shared/domain/channel-formats/test-alert.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
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

const KEY = 'k3y'.padEnd(32, '0')
const PLACES = {
  slack: () => ({ kind: 'slack', address: `${receiver.address}/services/T0/B0/canary` }),
  teams: () => ({ kind: 'teams', address: `${receiver.address}?sig=canary` }),
  pagerduty: () => ({ kind: 'pagerduty', address: new URL(receiver.address).origin, token: KEY }),
  alertmanager: () => ({
    kind: 'alertmanager',
    address: `${new URL(receiver.address).origin}/am/`,
    user: 'u',
    token: 'p',
  }),
}
const KINDS = Object.keys(PLACES) as (keyof typeof PLACES)[]
const make = (kind: keyof typeof PLACES) => bench.create(PLACES[kind]() as Parameters<ChannelBench['create']>[0])
const deliver = async (looks = 1) => {
  const deliverer = bench.delivererOver()
  for (let look = 0; look < looks; look += 1) {
    if (look > 0) bench.advance(3_600_000)
    await deliverer.look()
  }
}
const first = async (id: string) => (await bench.rows(id))[0]

test.each([
  ['slack', '/hook/services/T0/B0/canary', undefined, /"blocks"/],
  ['teams', '/hook?sig=canary', undefined, /AdaptiveCard/],
  [
    'pagerduty',
    '/v2/enqueue',
    undefined,
    new RegExp(`"routing_key":"${KEY}","event_action":"trigger","dedup_key":"alert:${ALERT_ID}"`),
  ],
  ['alertmanager', '/am/api/v2/alerts', `Basic ${Buffer.from('u:p').toString('base64')}`, /^\[\{"labels"/],
] as const)('%s is called as its vendor says', async (kind, url, authorization, body) => {
  const { id } = await make(kind)
  await bench.tell(id, alertChanged())
  await deliver()
  const [request] = receiver.received
  expect([request?.method, request?.url, request?.headers.authorization]).toEqual(['POST', url, authorization])
  expect(request?.headers['content-type']).toBe('application/json')
  expect(request?.body).toMatch(body)
  expect(await first(id)).toMatchObject({ state: 'delivered', status: 204 })
})

describe.each(KINDS)('%s', (kind) => {
  test.each([
    ['fails', answers(500, 'broken')],
    ['hangs', HANGS],
    [
      'redirects',
      (_request: unknown, response: Parameters<typeof TAKES>[1]) =>
        void response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    ],
    ['answers more than is read', answers(200, 'x'.repeat(50_000))],
  ])('that %s is tried again, and gets it once it is well', async (_what, behaves) => {
    const { id } = await make(kind)
    await bench.tell(id, alertChanged())
    receiver.behave(behaves)
    await deliver()
    expect(await first(id)).toMatchObject({ state: 'waiting', attempts: 1 })
    receiver.behave(TAKES)
    bench.advance(60_000)
    await deliver()
    expect(await first(id)).toMatchObject({ state: 'delivered', attempts: 2 })
  })
  test('that chokes on a message gets it three times, and then the next', async () => {
    const { id } = await make(kind)
    await bench.tell(id, alertChanged(), alertChanged({ number: 2, change: 'resolved', status: 'resolved' }))
    receiver.behave((_request, response, nth) => void response.writeHead(nth <= 3 ? 400 : 202).end('{"garbage'))
    await deliver(4)
    expect((await bench.rows(id)).map(({ state }) => state)).toEqual(['dead', 'delivered'])
  })
  test('that throttles is left alone for as long as it says', async () => {
    const { id } = await make(kind)
    await bench.tell(id, alertChanged())
    receiver.behave((_request, response) => void response.writeHead(429, { 'retry-after': '1800' }).end())
    await deliver()
    receiver.behave(TAKES)
    bench.advance(1_799_000)
    await deliver()
    expect(receiver.received).toHaveLength(1)
    bench.advance(1_000)
    await deliver()
    expect(await first(id)).toMatchObject({ state: 'delivered' })
  })
})

test('a Slack channel that is archived turns ours off, and says why', async () => {
  const { id } = await make('slack')
  await bench.tell(id, alertChanged())
  receiver.behave(answers(410, 'channel_is_archived'))
  await deliver()
  const { off_because, enabled } = await bench.kysely
    .selectFrom('channels')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  expect([enabled, off_because]).toEqual([
    false,
    'The receiver answered 410. The channel in Slack is archived. It wants no more messages.',
  ])
})

test('T31 a receiver that says again what it was sent does not make the key known', async () => {
  const { id } = await make('pagerduty')
  await bench.tell(id, alertChanged())
  receiver.behave(({ body }, response) => void response.writeHead(400).end(body))
  await deliver()
  expect((await first(id))?.detail).toContain('routing_key')
  expect((await first(id))?.detail).not.toContain(KEY)
})

describe('Alertmanager, which forgets', () => {
  interface Posted {
    readonly labels: Record<string, string>
    readonly startsAt: string
    readonly endsAt: string
  }
  const posted = () => receiver.received.map(({ body }) => JSON.parse(body) as Posted[])

  test('is told again what fires, in one call, until it is resolved', async () => {
    const { id } = await make('alertmanager')
    const other = alertChanged({ id: '00000000-0000-4000-8000-00000000000c', labels: {} })
    await bench.tell(id, alertChanged(), other)
    await deliver()
    expect(posted().map(({ length }) => length)).toEqual([1, 1])
    bench.advance(119_000)
    await deliver()
    expect(receiver.received).toHaveLength(2)
    bench.advance(1_000)
    await deliver()
    expect(posted()[2]?.map(({ labels }) => labels.rebootless_alert)).toEqual([ALERT_ID, other.data.id])
    expect(posted()[2]?.[0]?.labels).toEqual(posted()[0]?.[0]?.labels)
    const resolvedAt = bench.now().toISOString()
    await bench.tell(id, alertChanged({ status: 'resolved', change: 'resolved', resolvedAt, labels: {} }))
    await deliver()
    expect(posted()[3]).toMatchObject([{ labels: posted()[0]?.[0]?.labels, endsAt: resolvedAt }])
    bench.advance(120_000)
    await deliver()
    expect(posted()[4]?.map(({ labels }) => labels.rebootless_alert)).toEqual([other.data.id])
    await bench.tell(id, { ...other, data: { ...other.data, status: 'resolved', change: 'resolved', resolvedAt } })
    await deliver()
    bench.advance(600_000)
    await deliver()
    expect(receiver.received).toHaveLength(6)
    expect((await bench.progress(id)).refresh_at).toBeNull()
  })

  test('that is away is told when it is back, and the page says that it was', async () => {
    const { id } = await make('alertmanager')
    await bench.tell(id, alertChanged())
    await deliver()
    receiver.behave(answers(503))
    bench.advance(120_000)
    await deliver()
    expect(await bench.progress(id)).toMatchObject({ failures: 1, failing_detail: 'The receiver answered 503.' })
    receiver.behave(TAKES)
    bench.advance(10_000)
    await deliver()
    expect(receiver.received).toHaveLength(3)
    expect(await bench.progress(id)).toMatchObject({ failures: 0, failing_detail: null })
  })
})

// Goal: decisions become annotations as Grafana takes them, each once. Method: a stand-in of POST and GET /api/annotations
// (Grafana, "Annotations HTTP API") over real HTTP, and a table of messages.
import type { ServerResponse } from 'node:http'
import type { RolloutDecided } from '@rebootless/shared/contract/channel-messages.ts'
import { type GrafanaAnnotation, grafanaAnnotation } from '@rebootless/shared/domain/grafana-annotation.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ChannelBench, type Received, type Receiver, startChannelBench, startReceiver } from './test-channels.ts'

let bench: ChannelBench
let standIn: Receiver
const kept: GrafanaAnnotation[] = []
let loseAnswers = 0
beforeAll(async () => {
  bench = await startChannelBench()
  standIn = await startReceiver(grafanaStandIn)
})
afterAll(async () => {
  await standIn.stop()
  await bench.end()
})

/** As Grafana answers: 401 without a token that it knows, `Annotation added` and an id, and by tags what has all of them. */
const judged = ({ method, url, headers, body }: Received): [status: number, answer: unknown] => {
  const { pathname, searchParams } = new URL(url, 'http://grafana')
  if (headers.authorization !== 'Bearer glsa_right') return [401, { message: 'Invalid API key' }]
  if (pathname !== '/grafana/api/annotations') return [404, { message: 'Not found' }]
  if (method === 'GET') {
    const tags = searchParams.getAll('tags')
    return [200, kept.filter((one) => tags.every((tag) => one.tags.includes(tag)))]
  }
  kept.push(JSON.parse(body) as GrafanaAnnotation)
  return [200, { message: 'Annotation added', id: kept.length }]
}
const grafanaStandIn = (request: Received, response: ServerResponse): void => {
  const [status, answer] = judged(request)
  loseAnswers -= 1
  if (loseAnswers >= 0) response.destroy()
  else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
}

const base = () => standIn.address.replace('/hook', '/grafana/')
const ROLLOUT = '00000000-0000-4000-8000-000000000001'
const decided = (change: Partial<RolloutDecided['data']> = {}): RolloutDecided => ({
  type: 'rollout.decided',
  timestamp: '2026-11-26T12:30:00.000Z',
  data: {
    rollout: { id: ROLLOUT, name: 'CVE <script>', phase: 'running', path: `/rollouts/${ROLLOUT}` },
    ...{ number: 3, kind: 'wave done', sentence: 'canary is done: 1 host.', because: null, by: null },
    wave: { number: 1, name: 'canary', begunAt: '2026-11-26T12:00:00.000Z' },
    ...{ hosts: [], hostCount: 0 },
    ...change,
  },
})

test('a wave that is done is a region from its beginning on, with tags to find it by', () => {
  expect(grafanaAnnotation('m', decided())).toEqual({
    time: Date.parse('2026-11-26T12:00:00.000Z'),
    timeEnd: Date.parse('2026-11-26T12:30:00.000Z'),
    tags: ['rebootless', 'message:m', `rollout:${ROLLOUT}`, 'phase:running', 'decision:wave done', 'wave:1'],
    text: '<b>CVE &lt;script&gt;</b><br>canary is done: 1 host.',
  })
})

test('T04 what a host calls itself is text in a page of Grafana', () => {
  const { text } =
    grafanaAnnotation('m', decided({ sentence: '<img src=x onerror=alert(1)> stalled', because: `"a'&b"` })) ?? {}
  expect(text).toBe(
    '<b>CVE &lt;script&gt;</b><br>&lt;img src=x onerror=alert(1)&gt; stalled<br>&quot;a&#39;&amp;b&quot;',
  )
})

test.each([
  ['a decision within a wave', decided({ wave: { number: 2, name: 'rest', begunAt: null } }), 'wave:2'],
  ['a decision of no wave', decided({ wave: null }), 'decision:wave done'],
  [
    'a clock that was set back',
    decided({ wave: { number: 1, name: 'a', begunAt: '2026-11-26T13:00:00.000Z' } }),
    'wave:1',
  ],
])('%s is a point in time', (_name, message, tag) => {
  const annotation = grafanaAnnotation('m', message)
  expect(annotation).toMatchObject({ time: Date.parse(message.timestamp), tags: expect.arrayContaining([tag]) })
  expect(annotation).not.toHaveProperty('timeEnd')
})

test('it is written with the token, once, also when the answer was lost', async () => {
  const { id } = await bench.create({ kind: 'grafana', address: base(), token: 'glsa_right' })
  await bench.say(id, 'one')
  loseAnswers = 1
  const deliverer = bench.delivererOver()
  await deliverer.look()
  expect((await bench.rows(id))[0]).toMatchObject({ state: 'waiting', attempts: 1 })
  bench.advance(60_000)
  await deliverer.look()
  expect((await bench.rows(id))[0]).toMatchObject({ state: 'delivered', detail: 'The annotation was there already.' })
  await bench.say(id, 'two')
  await deliverer.look()
  expect(kept.map(({ text }) => text)).toEqual([
    'A test of the channel hook by one.',
    'A test of the channel hook by two.',
  ])
})

test('a token that Grafana does not know is told in its own words', async () => {
  const { id } = await bench.create({ kind: 'grafana', address: base(), token: 'glsa_wrong' })
  await bench.say(id, 'one')
  await bench.delivererOver().look()
  expect((await bench.rows(id))[0]).toMatchObject({
    ...{ state: 'waiting', status: 401 },
    detail: 'The receiver answered 401. {"message":"Invalid API key"}',
  })
})

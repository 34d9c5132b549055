// Goal: from a click to the kernel's transition is one trace, whoever began it, and reads that nobody traces are none; nobody floods the
// collector. Method: a real backend with a link whose other end is the test; a collector that takes OTLP over HTTP.
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { KernelEvent } from '@rebootless/shared/contract/patch-memory.ts'
import { sql } from 'kysely'
import pino from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { addTestHost } from '../commands/test-fleet.ts'
import { type RequestBench, startRequestBench } from '../commands/test-requests.ts'
import { patchedSnapshot, snapshotMessage } from '../ingest/test-messages.ts'
import { eventually } from '../link/link-test-bench.ts'
import { readSettings } from '../settings.ts'
import { startTestCollector } from './test-collector.ts'
import { traceWords } from './trace-context.ts'

const CLICK_TRACE = '0af7651916cd43dd8448eb211c80319c'
const CLICK_SPAN = 'b7ad6b7169203331'
const CLICK = `00-${CLICK_TRACE}-${CLICK_SPAN}-01`
const CLICKS = '/api/v1/click-spans'
const CLICKED = { traceParent: CLICK, tookMs: 1, status: 201 }

const told = (now: Date, kinds: readonly KernelEvent['kind'][]): KernelEvent[] =>
  kinds.map((kind, index) => ({
    ...{ sequence: 900 + index, at: new Date(now.getTime() + index).toISOString(), kind, patch: 'lp_new' },
    ...{ direction: 'patching', object: null, text: `livepatch: ${kind}` },
  }))

const spans = new InMemorySpanExporter()
let bench: RequestBench
beforeAll(async () => {
  bench = await startRequestBench({ spanProcessor: new SimpleSpanProcessor(spans) })
})
afterAll(() => bench.end())

const called = (name: string): ReadableSpan[] => spans.getFinishedSpans().filter((span) => span.name === name)

test('what was asked for, its way to the host and its time there are parts of the trace of the request', async () => {
  const operator = await bench.person('operator')
  const host = await addTestHost(bench.kysely)
  bench.linked(host)
  const asked = await bench.requested(operator, [host])
  await eventually('told', async () => called('command load').length === 1)
  const [request] = called('POST /api/v1/authorisations').slice(-1)
  const [command] = called('command load')
  expect(request?.attributes).toMatchObject({
    'http.request.method': 'POST',
    'http.response.status_code': 201,
    'rebootless.request.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
  expect(command?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId)
  expect(command?.spanContext().traceId).toBe(request?.spanContext().traceId)
  expect(command?.attributes).toMatchObject({ 'rebootless.host.id': host.id, 'rebootless.command.state': 'done' })
  const parts = spans
    .getFinishedSpans()
    .filter((span) => span.parentSpanContext?.spanId === command?.spanContext().spanId)
  expect(parts.map(({ name }) => name)).toEqual([
    'approvals, waves and windows',
    'on its way to the host',
    'the agent acts, as its host told',
  ])
  expect(asked.state).toBe('approved')
})

test('a trace that somebody else began goes on, reads too; what is no context begins another', async () => {
  const { cookie } = await bench.person('viewer')
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const read = (traceparent: string | null) =>
    bench.backend.call('GET', '/api/v1/fleet/summary', { cookie, headers: { traceparent } })
  await read(null)
  await read('00-00000000000000000000000000000000-b7ad6b7169203331-01')
  await read(`00-${traceId}-b7ad6b7169203331-00`)
  expect(called('GET /api/v1/fleet/summary')).toEqual([])
  await read(`00-${traceId}-b7ad6b7169203331-01`)
  await eventually('ended', async () => called('GET /api/v1/fleet/summary').length === 1)
  expect(called('GET /api/v1/fleet/summary')[0]?.spanContext().traceId).toBe(traceId)
})

test('T31 no span names a person or holds what he typed', () => {
  const all = JSON.stringify(spans.getFinishedSpans().map(({ name, attributes, events }) => [name, attributes, events]))
  expect(all).not.toMatch(/it panics|operator|viewer|web-/)
})

test('a collector that the environment names is told one trace, from a click to the kernel', async () => {
  const collector = await startTestCollector()
  const { endpoint } = collector
  expect(readSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }).traces).toBe(true)
  expect(readSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: 'true' }).traces).toBe(false)
  expect(readSettings({}).traces).toBe(false)
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint)
  const collected = await startRequestBench({ settings: { traces: true } })
  vi.unstubAllEnvs()
  let ended = false
  try {
    const { kysely, backend, artefact } = collected
    const host = await addTestHost(kysely)
    const { cookie } = await collected.person('operator')
    collected.linked(host)
    const body = { action: 'load', artefact, hosts: [{ id: host.id }], reason: 'CVE-2026-1' }
    const headers = { traceparent: CLICK }
    const asked = await backend.call('POST', '/api/v1/authorisations', { cookie, headers, body })
    expect(asked.status).toBe(201)
    expect(asked.headers.traceresponse).toMatch(new RegExp(`^00-${CLICK_TRACE}-[0-9a-f]{16}-01$`))
    const click = { ...CLICKED, route: 'POST /api/v1/authorisations', tookMs: 120.5 }
    expect((await backend.call('POST', CLICKS, { cookie, body: click })).status).toBe(204)
    await eventually('done', async () => {
      const { items } = (await backend.call('GET', '/api/v1/commands', { cookie })).json<{
        items: { state: string }[]
      }>()
      return items[0]?.state === 'done'
    })
    const kernelEvents = told(backend.clock.now(), ['enabling', 'transition_started', 'transition_completed'])
    const snapshot = patchedSnapshot({ hostName: host.name, kernelEvents })
    await backend.ingest.accept(host.id, snapshotMessage({ epoch: 1, sequence: 50 }, snapshot), backend.clock.now())
    await collected.end()
    ended = true

    const { spans } = collector
    const ofTrace = spans.filter(({ traceId }) => traceId === CLICK_TRACE)
    const parents = ofTrace.map(({ name, parentSpanId }) => [
      name,
      ofTrace.find(({ spanId }) => spanId === parentSpanId)?.name ?? null,
    ])
    expect(Object.fromEntries(parents)).toEqual({
      'click POST /api/v1/authorisations': null,
      'POST /api/v1/authorisations': 'click POST /api/v1/authorisations',
      'command load': 'POST /api/v1/authorisations',
      'approvals, waves and windows': 'command load',
      'on its way to the host': 'command load',
      'the agent acts, as its host told': 'command load',
      'kernel enables the livepatch': 'the agent acts, as its host told',
      'kernel transition: patching': 'the agent acts, as its host told',
    })
    expect(parents).toHaveLength(8)
    const [clicked] = ofTrace.filter(({ parentSpanId }) => (parentSpanId ?? '') === '')
    const nanoseconds = BigInt(clicked?.endTimeUnixNano ?? 0) - BigInt(clicked?.startTimeUnixNano ?? 0)
    expect([clicked?.spanId, Number(nanoseconds / 1_000_000n)]).toEqual([CLICK_SPAN, 121])
    expect(spans.map(({ name }) => name)).not.toContain('POST /api/v1/click-spans')
    expect(new Set(collector.asked)).toEqual(new Set(['POST /v1/traces']))
  } finally {
    if (!ended) await collected.end()
    collector.close()
  }
})

describe('T09 T31 what a client says of a click reaches the collector alone, and cannot flood it', () => {
  const tell = (cookie: string | undefined, body: unknown) =>
    bench.backend.call('POST', CLICKS, { ...(cookie === undefined ? {} : { cookie }), body })
  const click = { ...CLICKED, route: 'POST /api/v1/tokens' }
  /** What is given back by the second is not given back. */
  const standStill = () => vi.spyOn(performance, 'now').mockReturnValue(performance.now())
  afterEach(() => vi.restoreAllMocks())

  test('nobody without a session, and no API token, tells of clicks; neither is in the audit log', async () => {
    const { cookie } = await bench.person('admin')
    const made = await bench.backend.call('POST', '/api/v1/tokens', {
      ...{ cookie, body: { name: 'ci', role: 'viewer', validDays: 1 } },
    })
    const { token } = made.json<{ token: string }>()
    const headers = { authorization: `Bearer ${token}`, origin: null, 'sec-fetch-site': null }
    expect((await tell(undefined, click)).status).toBe(401)
    expect((await bench.backend.call('POST', CLICKS, { headers, body: click })).status).toBe(403)
    expect(await bench.auditOf('request.refuse', CLICKS)).toEqual([])
  })

  test.each([
    { traceParent: '00-00000000000000000000000000000000-b7ad6b7169203331-01' },
    { traceParent: `${CLICK}\u0000` },
    { traceParent: '<script>' },
    { tookMs: -1 },
    { tookMs: 1e12 },
    { status: 1e9 },
    { name: 'another span' },
  ])('what is no click is refused: %j', async (fields) => {
    const { cookie } = await bench.person('viewer')
    expect((await tell(cookie, { ...click, ...fields })).status).toBe(400)
  })

  test('a route that is none, or only reads, names no span', async () => {
    const { cookie } = await bench.person('viewer')
    for (const route of ['POST /api/v1/nothing', 'constructor', 'GET /api/v1/hosts']) {
      expect((await tell(cookie, { ...click, route })).status).toBe(204)
      expect(called(`click ${route}`)).toEqual([])
    }
  })

  test('of one person so many clicks are told, and no more', async () => {
    const { cookie } = await bench.person('viewer')
    const before = called('click POST /api/v1/tokens').length
    standStill()
    for (let n = 0; n < 70; n += 1) expect((await tell(cookie, click)).status).toBe(204)
    expect(called('click POST /api/v1/tokens').length - before).toBe(60)
  })

  test('from one address so many requests are traced, whatever they ask for, and the others are answered', async () => {
    const { cookie } = await bench.person('viewer')
    const headers = { traceparent: CLICK }
    const read = () => bench.backend.call('GET', '/api/v1/session', { cookie, headers })
    standStill()
    const answers = new Set<number>()
    for (let n = 0; n < 320; n += 1) answers.add((await read()).status)
    expect([...answers]).toEqual([200])
    expect(called('GET /api/v1/session').length).toBeGreaterThan(100)
    expect(called('GET /api/v1/session').length).toBeLessThanOrEqual(300)
    expect((await read()).headers.traceresponse).toBeUndefined()
  })
})

test('lines of the log carry the ids of the trace beside that of the request, and none where there is no trace', async () => {
  const lines: string[] = []
  const log = pino({ level: 'info', mixin: () => traceWords() }, { write: (line: string) => lines.push(line) })
  const logged = await startRequestBench({ log, spanProcessor: new SimpleSpanProcessor(new InMemorySpanExporter()) })
  try {
    const { cookie } = await logged.person('admin')
    lines.length = 0
    const headers = { traceparent: CLICK }
    const body = { name: 'ci', role: 'viewer', validDays: 1 }
    const answer = await logged.backend.call('POST', '/api/v1/tokens', { cookie, headers, body })
    const [, , spanId] = String(answer.headers.traceresponse).split('-')
    await logged.backend.call('POST', CLICKS, { cookie, body: { ...CLICKED, route: 'POST /api/v1/tokens' } })
    await eventually('logged', async () => lines.length === 2)
    const [acted, told] = lines.map((line) => JSON.parse(line))
    expect(acted).toMatchObject({
      ...{ trace_id: CLICK_TRACE, span_id: spanId },
      req: { id: answer.headers['x-request-id'] },
    })
    expect(lines[0]?.match(/"trace_id"/g)).toHaveLength(1)
    expect(told).not.toHaveProperty('trace_id')

    await sql`drop table api_tokens cascade`.execute(logged.kysely)
    lines.length = 0
    const broken = await logged.backend.call('POST', '/api/v1/tokens', { cookie, headers, body })
    expect(broken.status).toBe(500)
    await eventually('logged', async () => lines.length >= 2)
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ trace_id: CLICK_TRACE })
  } finally {
    await logged.end()
  }
})

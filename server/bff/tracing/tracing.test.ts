// Goal: from the request that a click makes to what the kernel's host answers is one trace, whoever began it, and reads that nobody
// traces are none. Method: a real backend with a link whose other end is the test; a collector that is a plain HTTP server.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addTestHost } from '../commands/test-fleet.ts'
import { type RequestBench, startRequestBench } from '../commands/test-requests.ts'
import { createTestDatabase } from '../database/test-database.ts'
import { eventually } from '../link/link-test-bench.ts'
import { readSettings } from '../settings.ts'
import { startTestBackend } from '../test-backend.ts'

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
    'in the kernel, as its host told',
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

test('a collector that the environment names is sent them by OTLP over HTTP', async () => {
  const taken: string[] = []
  const collector = createServer((request, response) => {
    taken.push(`${request.method} ${request.url}`)
    request.resume().once('end', () => response.end('{}'))
  })
  await new Promise<void>((done) => collector.listen(0, '127.0.0.1', done))
  const { port } = collector.address() as AddressInfo
  const endpoint = `http://127.0.0.1:${port}`
  expect(readSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }).traces).toBe(true)
  expect(readSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: 'true' }).traces).toBe(false)
  expect(readSettings({}).traces).toBe(false)
  const before = process.env.OTEL_EXPORTER_OTLP_ENDPOINT
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = endpoint
  const database = await createTestDatabase()
  try {
    const backend = await startTestBackend(database, { settings: { traces: true } })
    await backend.signIn()
    await backend.close()
    expect(taken).toEqual(['POST /v1/traces'])
  } finally {
    if (before === undefined) delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT
    else process.env.OTEL_EXPORTER_OTLP_ENDPOINT = before
    await database.drop()
    collector.close()
  }
})

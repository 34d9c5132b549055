import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'

const Span = z.looseObject({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
})
/** ExportTraceServiceRequest as JSON (opentelemetry-proto, "JSON Protobuf Encoding"), as far as tests look. */
const TracesRequest = z.looseObject({
  resourceSpans: z.array(z.looseObject({ scopeSpans: z.array(z.looseObject({ spans: z.array(Span) })) })),
})
type CollectedSpan = z.infer<typeof Span>

/** A collector that takes spans by OTLP over HTTP, as JSON, and keeps them. */
export const startTestCollector = async () => {
  const spans: CollectedSpan[] = []
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { resourceSpans } = TracesRequest.parse(JSON.parse(Buffer.concat(parts).toString('utf8')))
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)))
      response.setHeader('content-type', 'application/json')
      response.end('{}')
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return { spans, asked, endpoint: `http://127.0.0.1:${port}`, close: () => server.close() }
}

import { ROOT_CONTEXT, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { ClickSpan } from '@rebootless/shared/contract/click-spans.ts'
import { type RouteKey, routes } from '@rebootless/shared/contract/routes.ts'
import type { Request, Response } from 'express'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { sourceOf } from '../access/sign-in-brake.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { RequestRate } from '../http/request-rate.ts'
import { createCommandSpans } from './command-spans.ts'
import { createIds, parentOf, traceParentOf } from './span-context.ts'
import { withTraceParent } from './trace-context.ts'

/** From a click to what a kernel was told and did. Nothing in it names a person or a host but by id. */
export interface Tracing {
  /** Answers a request as a span of its own; what it asks hosts to do goes on in the same trace. */
  request(route: string, request: Request, response: Response, answer: () => unknown): unknown
  /** Tells of a click of a page, whose request is a span already. `who`: whoever told it. */
  click(who: string, click: ClickSpan, now: Date): void
  /** Tells of a command that has ended, with where its time went, once its kernel's log has come too. */
  commandEnded(commandId: string): void
  close(): Promise<void>
}

/**
 * Ids and flags of a trace are whatever a client says, so they go to the collector alone, and nobody makes more spans than a person
 * or an office full of them would: what comes beyond is answered, and not told (T09).
 */
const SPANS = {
  source: { full: 300, perSecond: 20 },
  clicks: { full: 60, perSecond: 2 },
} as const

const CLICK_ROUTE: RouteKey = 'POST /api/v1/click-spans'
const isActing = (method: string): boolean => !['GET', 'HEAD'].includes(method)

/** Pages read all the time, so a read is traced only when whoever asks traces it. */
const isTraced = (route: string, { method }: Request, sampled: boolean): boolean =>
  route !== CLICK_ROUTE && (sampled || isActing(method))

export const createTracing = ({
  database,
  log,
  version,
  processor = new BatchSpanProcessor(new OTLPTraceExporter()),
}: {
  readonly database: Kysely<DatabaseSchema>
  readonly log: Pick<Logger, 'warn'>
  readonly version: string
  /** By default spans go to OTEL_EXPORTER_OTLP_ENDPOINT by OTLP over HTTP, with the other settings of the OTLP exporter. */
  readonly processor?: SpanProcessor | undefined
}): Tracing => {
  const ids = createIds()
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'rebootless', 'service.version': version }),
    spanProcessors: [processor],
    idGenerator: ids,
  })
  const tracer = provider.getTracer('rebootless', version)
  const commands = createCommandSpans(tracer, database, log)
  const bySource = new RequestRate(SPANS.source)
  const byPerson = new RequestRate(SPANS.clicks)
  return {
    request(route, request, response, answer) {
      const parent = parentOf(request.header('traceparent'))
      if (!isTraced(route, request, parent?.sampled === true)) return answer()
      if (!bySource.takes(sourceOf(request.ip ?? 'unknown'), performance.now())) return answer()
      const span = tracer.startSpan(
        route,
        { kind: SpanKind.SERVER, attributes: { 'http.request.method': request.method, 'http.route': route } },
        parent?.context ?? ROOT_CONTEXT,
      )
      span.setAttribute('rebootless.request.id', String(request.id))
      response.once('close', () => {
        span.setAttribute('http.response.status_code', response.statusCode)
        if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
        span.end()
      })
      return withTraceParent(traceParentOf(span), response, answer)
    },
    click(who, { route, traceParent, tookMs, status }, now) {
      // A page may be older than this server, and name a route that is no more.
      if (!Object.hasOwn(routes, route) || !isActing(route.split(' ')[0] ?? '')) return
      if (!byPerson.takes(who, performance.now())) return
      ids.as(traceParent, () => {
        const startTime = new Date(now.getTime() - tookMs)
        const attributes = { 'http.route': route, 'http.response.status_code': status }
        const span = tracer.startSpan(`click ${route}`, { kind: SpanKind.CLIENT, startTime, attributes, root: true })
        if (status >= 400) span.setStatus({ code: SpanStatusCode.ERROR })
        span.end(now)
      })
    },
    commandEnded: commands.ended,
    async close() {
      await commands.close()
      await provider.shutdown()
    },
  }
}

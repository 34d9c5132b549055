import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { Request, Response } from 'express'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { DatabaseSchema } from '../database/schema.ts'
import { type CommandPhases, readCommandPhases } from './command-phases.ts'
import { withTraceParent } from './trace-context.ts'

/** From the request that a click makes to what a kernel was told and did. Nothing in it names a person or a host but by id. */
export interface Tracing {
  /** Answers a request as a span of its own; what it asks hosts to do goes on in the same trace. */
  request(route: string, request: Request, response: Response, answer: () => unknown): unknown
  /** Tells of a command that has ended, with where its time went. Never rejects. */
  commandEnded(commandId: string): Promise<void>
  close(): Promise<void>
}

const TRACE_PARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-(0[0-9a-f])$/

/** @returns undefined for what is no context that a span can have as its parent */
const parentOf = (traceParent: string | undefined): { context: Context; sampled: boolean } | undefined => {
  const [, traceId = '', spanId = '', flags = '00'] = TRACE_PARENT.exec(traceParent ?? '') ?? []
  const traceFlags = Number.parseInt(flags, 16)
  const spanContext = { traceId, spanId, traceFlags, isRemote: true }
  if (!trace.isSpanContextValid(spanContext)) return undefined
  const context = trace.setSpanContext(ROOT_CONTEXT, spanContext)
  return { context, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 }
}

const traceParentOf = (span: Span): string => {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

/** Pages read all the time, so a read is traced only when whoever asks traces it. */
const isTraced = ({ method }: Request, sampled: boolean): boolean => sampled || !['GET', 'HEAD'].includes(method)

const tellCommand = (tracer: Tracer, phases: CommandPhases): void => {
  const parent = parentOf(phases.traceParent)
  if (parent === undefined) return
  const attributes: Attributes = {
    ...{ 'rebootless.command.id': phases.id, 'rebootless.command.action': phases.action },
    ...{ 'rebootless.command.state': phases.state, 'rebootless.host.id': phases.hostId },
    ...(phases.code !== null && { 'rebootless.command.code': phases.code }),
  }
  const whole = tracer.startSpan(
    `command ${phases.action}`,
    { kind: SpanKind.PRODUCER, startTime: phases.createdAt, attributes },
    parent.context,
  )
  if (phases.state !== 'done') whole.setStatus({ code: SpanStatusCode.ERROR, message: phases.code ?? phases.state })
  const within = trace.setSpan(ROOT_CONTEXT, whole)
  for (const { name, from, to } of phases.parts) {
    tracer.startSpan(name, { startTime: from, kind: SpanKind.INTERNAL }, within).end(to)
  }
  whole.end(phases.endedAt)
}

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
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'rebootless', 'service.version': version }),
    spanProcessors: [processor],
  })
  const tracer = provider.getTracer('rebootless', version)
  return {
    request(route, request, response, answer) {
      const parent = parentOf(request.header('traceparent'))
      if (!isTraced(request, parent?.sampled === true)) return answer()
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
      return withTraceParent(traceParentOf(span), answer)
    },
    async commandEnded(commandId) {
      try {
        const phases = await readCommandPhases(database, commandId)
        if (phases !== undefined) tellCommand(tracer, phases)
      } catch (error) {
        log.warn({ err: error }, 'a command could not be told to the collector of traces')
      }
    },
    close: () => provider.shutdown(),
  }
}

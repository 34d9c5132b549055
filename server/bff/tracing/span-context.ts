import { type Context, ROOT_CONTEXT, type Span, type SpanContext, TraceFlags, trace } from '@opentelemetry/api'
import { type IdGenerator, RandomIdGenerator } from '@opentelemetry/sdk-trace-base'

const TRACE_PARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-(0[0-9a-f])$/

/** @returns undefined for what is no context that a span can have (W3C Trace Context, 3.2) */
const spanContextOf = (traceParent: string | undefined): SpanContext | undefined => {
  const [, traceId = '', spanId = '', flags = '00'] = TRACE_PARENT.exec(traceParent ?? '') ?? []
  const spanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
  return trace.isSpanContextValid(spanContext) ? spanContext : undefined
}

/** @returns undefined for what is no context that a span can have as its parent */
export const parentOf = (traceParent: string | undefined): { context: Context; sampled: boolean } | undefined => {
  const spanContext = spanContextOf(traceParent)
  if (spanContext === undefined) return undefined
  const context = trace.setSpanContext(ROOT_CONTEXT, spanContext)
  return { context, sampled: (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0 }
}

export const traceParentOf = (span: Span): string => {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

/** Ids by chance, but for the span of a page, which chose its own before it asked. */
export const createIds = (): IdGenerator & { as<T>(traceParent: string, make: () => T): T | undefined } => {
  const random = new RandomIdGenerator()
  let given: SpanContext | undefined
  return {
    generateTraceId: () => given?.traceId ?? random.generateTraceId(),
    generateSpanId: () => given?.spanId ?? random.generateSpanId(),
    as(traceParent, make) {
      given = spanContextOf(traceParent)
      try {
        return given && make()
      } finally {
        given = undefined
      }
    },
  }
}

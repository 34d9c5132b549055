import { AsyncLocalStorage } from 'node:async_hooks'
import type { ServerResponse } from 'node:http'

const storage = new AsyncLocalStorage<string>()
const byAnswer = new WeakMap<ServerResponse, string>()

/** Answers a request as part of a trace: what is stored and logged meanwhile can be told as part of it later. */
export const withTraceParent = <T>(traceParent: string, response: ServerResponse, run: () => T): T => {
  byAnswer.set(response, traceParent)
  return storage.run(traceParent, run)
}

/** `00-TRACE-SPAN-01` (W3C Trace Context, 3.2) of the request that is answered; null: none, or nobody collects traces. */
export const currentTraceParent = (): string | null => storage.getStore() ?? null

/**
 * For a line of the log: `trace_id` and `span_id`, as OpenTelemetry names them in logs of others ("Trace Context in non-OTLP Log
 * Formats"). Of an answer, since its last line is written when the request is over; else of what is answered now.
 */
export const traceWords = (response?: ServerResponse): { trace_id?: string; span_id?: string } => {
  const traceParent = (response && byAnswer.get(response)) ?? storage.getStore()
  const [, trace_id, span_id] = traceParent?.split('-') ?? []
  return trace_id === undefined || span_id === undefined ? {} : { trace_id, span_id }
}

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export interface Metrics {
  readonly registry: Registry
  observeRequest(route: string, status: number, seconds: number): void
  observeMessage(type: string): void
  observeIncident(kind: string): void
  observeTaskQuestion(): void
}

/** What /metrics tells. Labels are routes, kinds of message and of incident: no host and no user is named (T31). */
export const createMetrics = (openStreams: () => number): Metrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'rebootless_http_request_seconds',
    help: 'Time to answer a request, by route of the contract and status.',
    labelNames: ['route', 'status'] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  })
  const messages = new Counter({
    name: 'rebootless_agent_messages_total',
    help: 'Messages of agents that were stored, by kind.',
    labelNames: ['type'] as const,
    registers: [registry],
  })
  const incidents = new Counter({
    name: 'rebootless_kernel_incidents_total',
    help: 'Incidents of the kernels of all hosts that were not known before, by kind.',
    labelNames: ['kind'] as const,
    registers: [registry],
  })
  const taskQuestions = new Counter({
    name: 'rebootless_task_questions_total',
    help: 'Questions to agents which tasks sleep in some functions; the answers are messages of the kind task_look.',
    registers: [registry],
  })
  new Gauge({
    name: 'rebootless_event_streams',
    help: 'Event streams that are open.',
    registers: [registry],
    collect() {
      this.set(openStreams())
    },
  })
  return {
    registry,
    observeRequest: (route, status, seconds) => requests.observe({ route, status }, seconds),
    observeMessage: (type) => messages.inc({ type }),
    observeIncident: (kind) => incidents.inc({ kind }),
    observeTaskQuestion: () => taskQuestions.inc(),
  }
}

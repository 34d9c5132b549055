import type { FleetEvent } from '@rebootless/shared/contract/event.ts'

const EVENT_TYPES = [
  'host.changed',
  'host.sampled',
  'host.removed',
  'command.changed',
  'freeze.changed',
  'users.changed',
  'sessions.changed',
  'tokens.changed',
  'enrolment.changed',
  'rollout.changed',
  'policies.changed',
  'templates.changed',
  'channels.changed',
  'alerts.changed',
  'feeds.changed',
  'exposure.changed',
  'reset',
] as const satisfies FleetEvent['type'][]
const RETRY_FIRST_MS = 1000
const RETRY_MAX_MS = 30_000

export interface EventStreamPorts {
  open: (url: string) => EventSource
  later: (run: () => void, milliseconds: number) => () => void
  random: () => number
}

export interface EventStreamListener {
  onEvent: (event: FleetEvent) => void
  /** `resumed`: whether it was taken up where the page stood; if not, something may have been missed. */
  onOpen: (resumed: boolean) => void
  /** `retryAt` in milliseconds from now; null where the browser itself tries again. */
  onLost: (retryInMs: number | null) => void
}

const eventOf = (data: unknown): FleetEvent | null => {
  if (typeof data !== 'string') return null
  try {
    const value: unknown = JSON.parse(data)
    const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : null
    return EVENT_TYPES.some((known) => known === type) ? (value as FleetEvent) : null
  } catch {
    return null
  }
}

/**
 * One event stream for the whole page. A short cut is mended by the browser, which resumes by Last-Event-ID (HTML
 * standard, 9.2); where it gives up, as after an answer that is no stream, this opens a new one, ever more slowly.
 */
export const followEvents = (
  /** `first`: none of this page has been open yet. */
  urlOf: (first: boolean) => string,
  ports: EventStreamPorts,
  listener: EventStreamListener,
) => {
  let source: EventSource | null = null
  let cancelRetry = () => {}
  let retryMs = RETRY_FIRST_MS
  let opened = false
  let ended = false

  const start = () => {
    cancelRetry()
    source?.close()
    const stream = ports.open(urlOf(!opened))
    source = stream
    let openedHere = false
    const receive = (message: MessageEvent) => {
      const event = eventOf(message.data)
      if (event) listener.onEvent(event)
    }
    stream.addEventListener('message', receive)
    for (const type of EVENT_TYPES) stream.addEventListener(type, receive as EventListener)
    stream.addEventListener('open', () => {
      retryMs = RETRY_FIRST_MS
      listener.onOpen(openedHere || !opened)
      openedHere = true
      opened = true
    })
    stream.addEventListener('error', () => {
      if (ended) return
      if (stream.readyState !== 2) return listener.onLost(null)
      const wait = retryMs * (0.5 + ports.random() / 2)
      retryMs = Math.min(RETRY_MAX_MS, retryMs * 2)
      listener.onLost(wait)
      cancelRetry = ports.later(start, wait)
    })
  }
  start()
  return {
    retryNow: start,
    stop: () => {
      ended = true
      cancelRetry()
      source?.close()
    },
  }
}

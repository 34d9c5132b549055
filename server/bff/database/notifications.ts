import { setTimeout as sleep } from 'node:timers/promises'
import pg, { type ClientConfig } from 'pg'
import { backOffMs } from './back-off.ts'
import type { DatabaseLog } from './database-log.ts'

interface NotificationSubscriber {
  /** One NOTIFY on the channel; at most 8,000 bytes, by PostgreSQL's limit. */
  notified(payload: string): void
  /** The connection was lost and is back: something may have been missed, so read again what you follow. */
  mayHaveMissed(): void
}

export interface Notifications {
  /**
   * From now on, `subscriber` hears what is notified on `channel`. While the connection is down it resolves once it is
   * back. @returns ends it
   */
  subscribe(channel: string, subscriber: NotificationSubscriber): Promise<() => void>
  close(): Promise<void>
}

/** A connection that says nothing may be dead (a firewall forgot it): asked so often, given so long to answer. */
const PROBE_EVERY_MS = 15_000
const PROBE_PATIENCE_MS = 5_000

/**
 * LISTEN on a connection of its own, which comes back by itself after a loss. NOTIFY keeps nothing for absent
 * listeners, hence `mayHaveMissed`.
 * @param random from 0 up to 1
 */
export function openNotifications(
  connection: ClientConfig,
  log: DatabaseLog,
  random: () => number = Math.random,
): Notifications {
  const channels = new Map<string, Set<NotificationSubscriber>>()
  const closing = new AbortController()
  let say: Say | undefined
  let becomeConnected: () => void = () => undefined
  let connected = new Promise<void>((resolve) => {
    becomeConnected = resolve
  })

  const tell = (subscribers: Iterable<NotificationSubscriber>, message: (one: NotificationSubscriber) => void) => {
    for (const subscriber of [...subscribers]) {
      try {
        message(subscriber)
      } catch (error) {
        log.error({ err: error }, 'a subscriber failed on a notification')
      }
    }
  }

  /** Holds one connection until it breaks or we close. */
  const listenOnce = async (again: boolean, onListening: () => void) => {
    const current = new pg.Client({ ...connection, query_timeout: PROBE_PATIENCE_MS })
    const ended = new Promise<void>((resolve) => {
      current.on('error', () => resolve())
      current.on('end', () => resolve())
      closing.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    current.on('notification', ({ channel, payload }) => {
      tell(channels.get(channel) ?? [], (subscriber) => subscriber.notified(payload ?? ''))
    })
    const sayHere = inOrder(current)
    try {
      await current.connect()
      for (const channel of channels.keys()) await sayHere(listenText(channel))
      say = sayHere
      onListening()
      becomeConnected()
      if (again)
        tell(
          [...channels.values()].flatMap((set) => [...set]),
          (subscriber) => subscriber.mayHaveMissed(),
        )
      while (await stillOpen(ended)) await sayHere('select 1')
    } finally {
      if (say === sayHere) {
        say = undefined
        connected = new Promise((resolve) => {
          becomeConnected = resolve
        })
      }
      // A dead peer never answers the goodbye.
      await Promise.race([current.end().catch(() => undefined), sleep(1_000, undefined, { ref: false })])
    }
  }

  const run = async () => {
    let again = false
    let failures = 0
    while (!closing.signal.aborted) {
      try {
        await listenOnce(again, () => {
          again = true
          failures = 0
        })
      } catch (error) {
        log.warn({ reason: error instanceof Error ? error.message : error }, 'the listening connection failed')
      }
      failures += 1
      await sleep(backOffMs(failures, random()), undefined, { signal: closing.signal }).catch(() => undefined)
    }
  }
  const running = run()

  return {
    async subscribe(channel, subscriber) {
      const subscribers = channels.get(channel) ?? new Set()
      channels.set(channel, subscribers)
      subscribers.add(subscriber)
      // Should it break just now, the next connection listens on all channels by itself.
      await say?.(listenText(channel)).catch(() => undefined)
      await connected
      return () => {
        subscribers.delete(subscriber)
        if (subscribers.size > 0 || channels.get(channel) !== subscribers) return
        channels.delete(channel)
        say?.(`unlisten ${pg.escapeIdentifier(channel)}`).catch(() => undefined)
      }
    },
    async close() {
      closing.abort()
      becomeConnected()
      await running
    },
  }
}

const listenText = (channel: string) => `listen ${pg.escapeIdentifier(channel)}`

type Say = (statement: string) => Promise<unknown>

/** One statement after the other: pg gives up queueing them itself. */
const inOrder = (client: pg.Client): Say => {
  let last: Promise<unknown> = Promise.resolve()
  return (statement) => {
    const next = last.then(() => client.query(statement))
    last = next.catch(() => undefined)
    return next
  }
}

/** Waits until the next probe is due; false when the connection ended before. */
async function stillOpen(ended: Promise<void>): Promise<boolean> {
  const cancel = new AbortController()
  const due = sleep(PROBE_EVERY_MS, true, { signal: cancel.signal, ref: false }).catch(() => true)
  const open = await Promise.race([ended.then(() => false), due])
  cancel.abort()
  return open
}

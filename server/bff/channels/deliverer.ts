import { randomUUID } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Logger } from 'pino'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Notifications } from '../database/notifications.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import { periodically } from '../periodic.ts'
import {
  type ClaimedDelivery,
  claimChannel,
  nextDelivery,
  releaseChannel,
  settleDelivery,
  settleRefresh,
} from './claims.ts'
import { dueRefresh } from './firing.ts'
import { queueHeads } from './heads.ts'
import { CHANNELS_CHANNEL } from './outbox.ts'
import { pruneDeliveries } from './prune.ts'
import type { Sender, SendMessage } from './send-message.ts'
import { answered, type Tried } from './tried.ts'

const LOOK_MS = 2_000
const HEADS_MS = 15_000
const PRUNE_MS = 10 * 60_000
const CHANNELS_AT_ONCE = 8

export interface Deliverer {
  start(notifications: Notifications): Promise<void>
  /** Sends what is due, and waits until it is sent. Never rejects. */
  look(): Promise<void>
  close(): Promise<void>
}

export interface DelivererOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly sender: Sender
  readonly log: Pick<Logger, 'warn'>
  readonly metrics?: Registry
  /** Of tests that move time; left out: the database's clock, which all backends share. */
  readonly now?: () => Date
  /** From 0 to 1. */
  readonly chance?: () => number
}

/**
 * Empties the outbox: one channel is served by one backend at a time, in the order of its messages, each at least once.
 * What was under way when a backend died is sent again under the same id when its claim has run out.
 */
export const createDeliverer = (options: DelivererOptions): Deliverer => {
  const { database, sender, log, chance = Math.random } = options
  const endings: (() => unknown)[] = []
  const serving = new Set<Promise<void>>()
  let closed = false

  const now = async (): Promise<Date> => options.now?.() ?? (await databaseNow(database))
  const count = options.metrics === undefined ? undefined : countTries(options.metrics, database)

  const unready =
    (channel: string, delivery: string | null) =>
    (error: unknown): Tried => {
      log.warn({ channel, delivery, err: error }, 'a message could not be made ready')
      return { ...answered('failed', 'It could not be made ready: see the server’s log.'), milliseconds: 0 }
    }
  const tryOne: SendMessage = (target, message, at) =>
    sender.send(target, message, at).catch(unready(target.id, message.id))

  /** What fires is said again, after whatever waited, so that nothing old overtakes what is new. */
  const refresh = async (claim: string, channelId: string): Promise<void> => {
    const due = await dueRefresh(database, { claim, channelId, now: await now() })
    if (due === undefined) return
    const { target, firing } = due
    const answer = await sender.refresh(target, firing, await now()).catch(unready(channelId, null))
    const result = await settleRefresh(database, { claim, target }, answer, { now: await now(), chance: chance() })
    count?.inc({ kind: target.kind, result })
  }

  const serve = async (claim: string, channelId: string): Promise<void> => {
    for (;;) {
      const delivery: ClaimedDelivery | undefined = closed
        ? undefined
        : await nextDelivery(database, { claim, channelId, now: await now() })
      if (delivery === undefined) break
      const { target, message } = delivery
      const answer = await tryOne(target, message, await now())
      const result = await settleDelivery(database, delivery, answer, { now: await now(), chance: chance() })
      count?.inc({ kind: target.kind, result })
      if (result !== 'delivered') break
    }
    if (!closed) await refresh(claim, channelId)
    await releaseChannel(database, claim, channelId)
  }

  const begin = (claim: string, channelId: string): void => {
    const one = serve(claim, channelId)
      .catch((error: unknown) => {
        log.warn({ channel: channelId, err: error }, 'a channel could not be served; its claim runs out')
      })
      .finally(() => {
        serving.delete(one)
        // There was no room for more.
        if (serving.size === CHANNELS_AT_ONCE - 1) void wake()
      })
    serving.add(one)
  }

  const claimAll = async (): Promise<void> => {
    while (!closed && serving.size < CHANNELS_AT_ONCE) {
      const claim = randomUUID()
      const channelId = await claimChannel(database, claim, await now())
      if (channelId === undefined) return
      begin(claim, channelId)
    }
  }

  const claiming = oneAtATime(() =>
    claimAll().catch((error: unknown) => log.warn({ err: error }, 'channels could not be looked for')),
  )
  /** Begins what is due, and does not wait for it: a receiver that hangs holds up its own channel alone. Never rejects. */
  const wake = claiming.run
  const served = async (): Promise<void> => {
    while (serving.size > 0) await Promise.all(serving)
  }

  return {
    async start(notifications) {
      const heard = { notified: () => void wake(), mayHaveMissed: () => void wake() }
      endings.push(
        await notifications.subscribe(CHANNELS_CHANNEL, heard),
        periodically(LOOK_MS, 'send to channels', log, wake),
        periodically(HEADS_MS, 'send heads of the audit log', log, async () => queueHeads(database, await now())),
        periodically(PRUNE_MS, 'prune deliveries', log, async () => pruneDeliveries(database, await now())),
      )
    },
    async look() {
      await wake()
      await served()
    },
    async close() {
      closed = true
      for (const end of endings.splice(0)) await end()
      await claiming.end()
      await served()
    },
  }
}

const databaseNow = async (database: Kysely<DatabaseSchema>): Promise<Date> => {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(database)
  return rows[0]?.now ?? new Date()
}

/** No channel is named: who reads numbers need not know where events go (T31). */
const countTries = (registry: Registry, database: Kysely<DatabaseSchema>) => {
  new Gauge({
    name: 'rebootless_channel_deliveries',
    help: 'Messages to channels that are not delivered: they wait, or were given up.',
    labelNames: ['state'] as const,
    registers: [registry],
    async collect() {
      const rows = await database
        .selectFrom('channel_deliveries')
        .select(['state', sql<string>`count(*)`.as('count')])
        .where('state', '!=', 'delivered')
        .groupBy('state')
        .execute()
      const counts = new Map(rows.map((row) => [row.state, Number(row.count)]))
      for (const state of ['waiting', 'dead'] as const) this.set({ state }, counts.get(state) ?? 0)
    },
  })
  return new Counter({
    name: 'rebootless_channel_tries_total',
    help: 'Tries to deliver a message, by kind of channel and what came of it.',
    labelNames: ['kind', 'result'] as const,
    registers: [registry],
  })
}

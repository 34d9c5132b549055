import { randomUUID } from 'node:crypto'
import type { ChannelMessage } from '@rebootless/shared/contract/channel-messages.ts'
import type { ChannelEvents } from '@rebootless/shared/contract/channels.ts'
import { cut } from '@rebootless/shared/domain/sentence.ts'
import { sql, type Transaction } from 'kysely'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'

/** Heard by every backend: something may have to be sent. */
export const CHANNELS_CHANNEL = 'rebootless_channels'

export interface OpenChannel {
  readonly id: string
  readonly events: ChannelEvents
  readonly scope: string | null
}

/** What a channel is to be sent. */
export interface NewDelivery {
  /** By which whoever sends it knows it again; left out: one is made. */
  readonly id?: string
  readonly channelId: string
  /** A sentence for the list of deliveries. */
  readonly summary: string
  readonly message: ChannelMessage
}

const SUMMARY_MAX = 500
/** A receiver that is away for good fills the table no further: what comes then is dead from the start. */
const WAITING_MAX = 10_000
const ROWS_AT_ONCE = 500

/**
 * Channels that are on, and browsers of people who may still sign in, with the scope that each has now; none of them is
 * deleted before this transaction ends.
 */
export const openChannels = (transaction: Transaction<DatabaseSchema>): Promise<OpenChannel[]> =>
  transaction
    .selectFrom('channels')
    .leftJoin('users', 'users.id', 'channels.owner_id')
    .select(['channels.id', 'channels.events'])
    .select(
      sql<string | null>`case when channels.owner_id is null then channels.scope else users.scope end`.as('scope'),
    )
    .where('channels.enabled', '=', true)
    .where('users.disabled_at', 'is', null)
    .orderBy('channels.id')
    .forKeyShare('channels')
    .execute()

/** Puts messages into the outbox in the transaction of what they tell of: both are there afterwards, or neither. */
export const appendDeliveries = async (
  transaction: Transaction<DatabaseSchema>,
  deliveries: readonly NewDelivery[],
  now: Date,
): Promise<void> => {
  for (let from = 0; from < deliveries.length; from += ROWS_AT_ONCE) {
    const some = deliveries.slice(from, from + ROWS_AT_ONCE)
    await sql`
      with new as (
        select * from unnest(
          ${some.map(({ id }) => id ?? randomUUID())}::uuid[], ${some.map(({ channelId }) => channelId)}::uuid[],
          ${some.map(({ message }) => message.type)}::text[],
          ${some.map(({ summary }) => databaseText(cut(summary, SUMMARY_MAX)))}::text[],
          ${some.map(({ message }) => JSON.stringify(message))}::text[]
        ) with ordinality as new (id, channel_id, type, summary, body, place)
      ), full_channels as (
        select channel_id from channel_deliveries
        where state = 'waiting' and channel_id in (select channel_id from new)
        group by channel_id having count(*) >= ${WAITING_MAX}
      )
      insert into channel_deliveries
        (id, channel_id, type, summary, body, state, attempts, created_at, due_since, ended_at, detail)
      select new.id, new.channel_id, new.type, new.summary, new.body,
        case when full_channels.channel_id is null then 'waiting' else 'dead' end, 0, ${now}, ${now},
        case when full_channels.channel_id is null then null else ${now}::timestamptz end,
        case when full_channels.channel_id is null then null else 'Too many messages waited already.' end
      from new left join full_channels on full_channels.channel_id = new.channel_id
      order by new.place`.execute(transaction)
  }
  if (deliveries.length > 0) await notifyChannels(transaction)
}

/** When this transaction commits, a deliverer looks what it has to send. */
export const notifyChannels = async (transaction: Transaction<DatabaseSchema>): Promise<void> => {
  await sql`select pg_notify(${CHANNELS_CHANNEL}, '')`.execute(transaction)
}

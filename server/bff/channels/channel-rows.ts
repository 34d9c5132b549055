import type { Channel, ChannelDelivery, DeliveryListQuery } from '@rebootless/shared/contract/channels.ts'
import type { ChannelKind } from '@rebootless/shared/domain/channel-words.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { z } from 'zod'
import type { DatabaseSchema } from '../database/schema.ts'

type Db = Kysely<DatabaseSchema>

export const channelNotFound = () =>
  new DomainError('channel_not_found', 'There is no such channel: see the list of channels.')

export const pushNotFound = () =>
  new DomainError(
    'push_subscription_not_found',
    'There is no such browser among yours: see the list on your account’s page.',
  )

/** All that admins made, or one. */
export const readChannels = async (database: Db, id?: string): Promise<Channel[]> => {
  const count = (state: 'waiting' | 'dead') => sql<string>`(
    select count(*) from channel_deliveries
    where channel_deliveries.channel_id = channels.id and channel_deliveries.state = ${state}
  )`
  const rows = await database
    .selectFrom('channels')
    .innerJoin('channel_progress as progress', 'progress.channel_id', 'channels.id')
    .selectAll('channels')
    .select(['progress.failures', 'progress.failing_since', 'progress.failing_detail'])
    .select(['progress.next_at', 'progress.last_delivered_at'])
    .select([count('waiting').as('waiting'), count('dead').as('dead')])
    .where('channels.owner_id', 'is', null)
    .$if(id !== undefined, (query) => query.where('channels.id', '=', id ?? ''))
    .orderBy('channels.name')
    .orderBy('channels.created_at')
    .execute()
  return rows.map((row) => ({
    ...{ id: row.id, kind: kindOf(row), name: row.name, address: row.address, events: row.events, scope: row.scope },
    ...{ user: row.settings?.user ?? null, mail: row.settings?.mail ?? null, pages: row.settings?.pages ?? null },
    hasToken: row.has_token,
    ...{ enabled: row.enabled, offBecause: row.off_because, publicKey: row.public_key },
    ...{ createdBy: row.created_by_name, createdAt: row.created_at.toISOString() },
    ...{ waiting: Number(row.waiting), dead: Number(row.dead) },
    lastDeliveredAt: row.last_delivered_at?.toISOString() ?? null,
    failing:
      row.failing_since === null
        ? null
        : {
            since: row.failing_since.toISOString(),
            detail: row.failing_detail ?? '',
            failures: row.failures,
            nextAt: row.next_at.toISOString(),
          },
  }))
}

/** Of a channel that admins made. */
export const kindOf = ({ kind }: Pick<Selectable<DatabaseSchema['channels']>, 'kind'>): ChannelKind => {
  if (kind === 'push') throw new Error('a browser is no channel of admins')
  return kind
}

/** @throws DomainError `channel_not_found` */
export const readChannel = async (database: Db, id: string): Promise<Channel> => {
  const [channel] = await readChannels(database, id)
  if (channel === undefined) throw channelNotFound()
  return channel
}

export const deliveryOf = (row: Selectable<DatabaseSchema['channel_deliveries']>): ChannelDelivery => ({
  ...{ id: row.id, type: row.type, summary: row.summary, state: row.state, attempts: row.attempts },
  createdAt: row.created_at.toISOString(),
  endedAt: row.ended_at?.toISOString() ?? null,
  ...{ status: row.status, detail: row.detail },
})

export const readDeliveries = async (
  database: Db,
  channelId: string,
  { state, limit }: z.infer<typeof DeliveryListQuery>,
): Promise<{ items: ChannelDelivery[]; total: number }> => {
  await readChannel(database, channelId)
  const some = database
    .selectFrom('channel_deliveries')
    .where('channel_id', '=', channelId)
    .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'waiting'))
  const { count } = await some.select(sql<string>`count(*)`.as('count')).executeTakeFirstOrThrow()
  const rows = await some.selectAll().orderBy('number', 'desc').limit(limit).execute()
  return { items: rows.map(deliveryOf), total: Number(count) }
}

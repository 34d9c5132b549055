import { randomUUID } from 'node:crypto'
import type { ChannelMessage } from '@rebootless/shared/contract/channel-messages.ts'
import type { ChannelDelivery, DeliveryAnswer } from '@rebootless/shared/contract/channels.ts'
import { plainText } from '@rebootless/shared/domain/channel-text.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Kysely } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import { type Act, done } from '../commands/act.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { channelNotFound, deliveryOf, pushNotFound } from './channel-rows.ts'
import { notifyChannels } from './outbox.ts'
import type { SendMessage } from './send-message.ts'

type Db = Kysely<DatabaseSchema>

/** Sends a test at once, past whatever waits, whether the channel is on or off. @throws DomainError `channel_not_found` */
export const testChannel = async (
  database: Db,
  send: SendMessage,
  id: string,
  who: Act & { username: string },
  /** Of a browser: whose it must be. */
  ownerId: string | null = null,
): Promise<DeliveryAnswer> => {
  const target = await database.transaction().execute(async (transaction) => {
    const row = await transaction
      .selectFrom('channels')
      .select(['id', 'kind', 'name', 'address', 'secret', 'settings'])
      .where('id', '=', id)
      .where('owner_id', 'is not distinct from', ownerId)
      .executeTakeFirst()
    if (row === undefined) throw ownerId === null ? channelNotFound() : pushNotFound()
    await appendAudit(
      transaction,
      done(who, {
        action: ownerId === null ? 'channel.test' : 'push.test',
        target: { kind: ownerId === null ? 'channel' : 'push subscription', id, name: row.name },
      }),
    )
    return row
  })
  const message: ChannelMessage = {
    type: 'channel.tested',
    timestamp: who.now.toISOString(),
    data: { channel: plainText(target.name, 150), by: who.username },
  }
  const { delivered, status, detail, answer, milliseconds } = await send(
    target,
    { id: randomUUID(), body: JSON.stringify(message), again: false, remaining: null, firstOfAlert: null },
    who.now,
  )
  return { delivered, status, detail, answer, milliseconds }
}

/** @throws DomainError `delivery_not_found`: there is none, or it was not given up */
export const sendAgain = (database: Db, id: string, who: Act): Promise<ChannelDelivery> =>
  database.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable('channel_deliveries')
      .set({ state: 'waiting', attempts: 0, due_since: who.now, ended_at: null })
      .where('id', '=', id)
      .where('state', '=', 'dead')
      .returningAll()
      .executeTakeFirst()
    if (row === undefined) {
      throw new DomainError('delivery_not_found', 'There is no such message among those that were given up.')
    }
    await transaction
      .updateTable('channel_progress')
      .set({ next_at: who.now })
      .where('channel_id', '=', row.channel_id)
      .execute()
    const channel = await transaction
      .selectFrom('channels')
      .select(['id', 'name'])
      .where('id', '=', row.channel_id)
      .executeTakeFirstOrThrow()
    const target = { kind: 'channel', id: channel.id, name: channel.name }
    await appendAudit(transaction, done(who, { action: 'channel.send_again', target, after: { delivery: id } }))
    await notifyChannels(transaction)
    return deliveryOf(row)
  })

import { AlertChanged } from '@rebootless/shared/contract/channel-messages.ts'
import { REFRESH_MS } from '@rebootless/shared/domain/channel-formats/alertmanager.ts'
import type { MessageType } from '@rebootless/shared/domain/channel-words.ts'
import type { Kysely, Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { holdChannel } from './held-channel.ts'
import type { Firing, Target } from './send-message.ts'

type Write = Transaction<DatabaseSchema>

/** At a receiver that forgets; more would be a call that is too large, and the oldest are said. */
const FIRING_MAX = 1000

/** @returns null: this receiver was told nothing of that alert yet */
export const firstOfAlert = async (
  transaction: Write,
  channelId: string,
  { type, body }: { readonly type: MessageType; readonly body: string },
): Promise<string | null> => {
  if (type !== 'alert.changed') return null
  const row = await transaction
    .selectFrom('channel_firing')
    .select('first_body')
    .where('channel_id', '=', channelId)
    .where('alert_id', '=', AlertChanged.parse(JSON.parse(body)).data.id)
    .executeTakeFirst()
  return row?.first_body ?? null
}

/** What was delivered is said again from now on, until it was said that it is resolved. */
export const keepFiring = async (transaction: Write, channelId: string, body: string, now: Date): Promise<void> => {
  const parsed = AlertChanged.safeParse(JSON.parse(body))
  if (!parsed.success) return
  const { id, status } = parsed.data.data
  if (status === 'resolved') {
    await transaction
      .deleteFrom('channel_firing')
      .where('channel_id', '=', channelId)
      .where('alert_id', '=', id)
      .execute()
  } else {
    await transaction
      .insertInto('channel_firing')
      .values({ channel_id: channelId, alert_id: id, first_body: body, last_body: body })
      .onConflict((conflict) => conflict.columns(['channel_id', 'alert_id']).doUpdateSet({ last_body: body }))
      .execute()
    await transaction
      .updateTable('channel_progress')
      .set({ refresh_at: new Date(now.getTime() + REFRESH_MS) })
      .where('channel_id', '=', channelId)
      .where('refresh_at', 'is', null)
      .execute()
  }
}

/** What fires there, when it must be said again. @returns undefined: not now */
export const dueRefresh = (
  database: Kysely<DatabaseSchema>,
  { claim, channelId, now }: { claim: string; channelId: string; now: Date },
): Promise<{ target: Target; firing: readonly Firing[] } | undefined> =>
  database.transaction().execute(async (transaction) => {
    const due = await transaction
      .selectFrom('channel_progress')
      .select('channel_id')
      .where('channel_id', '=', channelId)
      .where('refresh_at', '<=', now)
      .executeTakeFirst()
    if (due === undefined) return undefined
    const target = await holdChannel(transaction, { claim, channelId, now })
    if (target === undefined) return undefined
    const firing = await transaction
      .selectFrom('channel_firing')
      .select(['first_body as first', 'last_body as last'])
      .where('channel_id', '=', channelId)
      .orderBy('alert_id')
      .limit(FIRING_MAX)
      .execute()
    if (firing.length > 0) return { target, firing }
    await transaction
      .updateTable('channel_progress')
      .set({ refresh_at: null })
      .where('channel_id', '=', channelId)
      .execute()
    return undefined
  })

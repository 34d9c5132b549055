import type { DeliveryAnswer } from '@rebootless/shared/contract/channels.ts'
import { DELIVERY_LIVES_MS, isGone, isRefusedForGood, retryDelayMs } from '@rebootless/shared/domain/channel-retry.ts'
import type { ChannelKind } from '@rebootless/shared/domain/channel-words.ts'
import { cut } from '@rebootless/shared/domain/sentence.ts'
import { type Kysely, sql, type Transaction } from 'kysely'
import { SERVER } from '../access/doer.ts'
import { appendAudit } from '../audit/append-audit.ts'
import { done } from '../commands/act.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { tellOf } from '../events/append-event.ts'
import type { OutgoingMessage, Target } from './send-message.ts'

type Db = Kysely<DatabaseSchema>

/** Longer than a try can last (10 s for the call, and 10 s more to look for what Grafana has), so only a backend that died lets it run out. */
const CLAIM_MS = 45_000
const DETAIL_MAX = 700

export interface ClaimedDelivery {
  readonly claim: string
  readonly target: Target & { readonly kind: ChannelKind }
  readonly message: OutgoingMessage
  readonly attempts: number
}

export type TryResult = 'delivered' | 'failed' | 'dead' | 'lost'

/** Takes a channel for which something is due and at which nobody is. @returns undefined: there is none */
export const claimChannel = async (database: Db, claim: string, now: Date): Promise<string | undefined> => {
  const { rows } = await sql<{ channel_id: string }>`
    update channel_progress set claim = ${claim}, claimed_until = ${until(now)}
    where channel_id = (
      select progress.channel_id
      from channel_progress as progress join channels on channels.id = progress.channel_id
      where channels.enabled and progress.next_at <= ${now}
        and (progress.claimed_until is null or progress.claimed_until <= ${now})
        and exists (
          select from channel_deliveries as waiting
          where waiting.channel_id = progress.channel_id and waiting.state = 'waiting'
        )
      order by progress.next_at, progress.channel_id limit 1
      for update of progress skip locked
    )
    returning channel_id`.execute(database)
  return rows[0]?.channel_id
}

const until = (now: Date) => new Date(now.getTime() + CLAIM_MS)

/** The channel's oldest message, counted as tried before it is sent. @returns undefined: none, or the claim is lost */
export const nextDelivery = (
  database: Db,
  { claim, channelId, now }: { claim: string; channelId: string; now: Date },
): Promise<ClaimedDelivery | undefined> =>
  database.transaction().execute(async (transaction) => {
    const held = await transaction
      .updateTable('channel_progress')
      .set({ claimed_until: until(now) })
      .where('channel_id', '=', channelId)
      .where('claim', '=', claim)
      .where('next_at', '<=', now)
      .returning('channel_id')
      .executeTakeFirst()
    if (held === undefined) return undefined
    const target = await transaction
      .selectFrom('channels')
      .select(['id', 'kind', 'address', 'secret'])
      .where('id', '=', channelId)
      .where('enabled', '=', true)
      .executeTakeFirst()
    if (target === undefined) return undefined
    const { rows } = await sql<{ id: string; body: string; attempts: number }>`
      update channel_deliveries set attempts = attempts + 1
      where id = (
        select id from channel_deliveries where channel_id = ${channelId} and state = 'waiting' order by number limit 1
      )
      returning id, body, attempts`.execute(transaction)
    const [row] = rows
    if (row === undefined) return undefined
    const { id, body, attempts } = row
    return { claim, target, attempts, message: { id, body, again: attempts > 1 } }
  })

export const releaseChannel = async (database: Db, claim: string, channelId: string): Promise<void> => {
  await database
    .updateTable('channel_progress')
    .set({ claim: null, claimed_until: null })
    .where('channel_id', '=', channelId)
    .where('claim', '=', claim)
    .execute()
}

/** Writes what came of a try; `lost`: another backend has taken the channel meanwhile, and whatever it finds counts. */
export const settleDelivery = (
  database: Db,
  { claim, target, message, attempts }: ClaimedDelivery,
  answer: DeliveryAnswer,
  { now, chance }: { readonly now: Date; readonly chance: number },
): Promise<TryResult> =>
  database.transaction().execute(async (transaction) => {
    const progress = await transaction
      .selectFrom('channel_progress')
      .select(['failures', 'failing_since'])
      .where('channel_id', '=', target.id)
      .where('claim', '=', claim)
      .forUpdate()
      .executeTakeFirst()
    if (progress === undefined) return 'lost'
    const { status } = answer
    const detail = databaseText(
      cut(answer.answer === '' ? answer.detail : `${answer.detail} ${answer.answer}`, DETAIL_MAX),
    )
    const write = (change: object) =>
      transaction
        .updateTable('channel_deliveries')
        .set({ status, detail, ...change })
        .where('id', '=', message.id)
        .execute()
    if (answer.delivered) {
      await write({ state: 'delivered', ended_at: now })
      await transaction
        .updateTable('channel_progress')
        .set({ failures: 0, failing_since: null, failing_detail: null, last_delivered_at: now })
        .where('channel_id', '=', target.id)
        .execute()
      return 'delivered'
    }
    const isDead = isRefusedForGood(status, attempts)
    await write(isDead ? { state: 'dead', ended_at: now } : {})
    const failures = progress.failures + 1
    await transaction
      .updateTable('channel_progress')
      .set({
        failures,
        failing_since: progress.failing_since ?? now,
        failing_detail: detail,
        next_at: new Date(now.getTime() + retryDelayMs(failures, chance)),
      })
      .where('channel_id', '=', target.id)
      .execute()
    await giveUpOld(transaction, target.id, now)
    if (isGone(status)) await turnOff(transaction, target.id, now)
    return isDead ? 'dead' : 'failed'
  })

/** All that has waited so long, and not one each time: a receiver that is away for days gets no day-old news first. */
const giveUpOld = async (transaction: Transaction<DatabaseSchema>, channelId: string, now: Date): Promise<void> => {
  await transaction
    .updateTable('channel_deliveries')
    .set({
      state: 'dead',
      ended_at: now,
      detail: sql<string>`coalesce(detail, 'It waited behind others, which could not be delivered, until it was too old.')`,
    })
    .where('channel_id', '=', channelId)
    .where('state', '=', 'waiting')
    .where('due_since', '<=', new Date(now.getTime() - DELIVERY_LIVES_MS))
    .execute()
}

const GONE = 'The receiver answered 410 Gone: it wants no more messages.'

const turnOff = async (transaction: Transaction<DatabaseSchema>, id: string, now: Date): Promise<void> => {
  const channel = await transaction
    .updateTable('channels')
    .set({ enabled: false, off_because: GONE })
    .where('id', '=', id)
    .where('enabled', '=', true)
    .returning('name')
    .executeTakeFirst()
  if (channel === undefined) return
  const target = { kind: 'channel', id, name: channel.name }
  await appendAudit(
    transaction,
    done({ ...SERVER, now }, { action: 'channel.turn_off', target, reason: GONE, after: { enabled: false } }),
  )
  await tellOf(transaction, 'channels', now)
}

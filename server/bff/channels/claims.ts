import { REFRESH_MS } from '@rebootless/shared/domain/channel-formats/alertmanager.ts'
import { DELIVERY_LIVES_MS, isRefusedForGood, retryDelayMs } from '@rebootless/shared/domain/channel-retry.ts'
import type { MessageType } from '@rebootless/shared/domain/channel-words.ts'
import { cut } from '@rebootless/shared/domain/sentence.ts'
import { type Kysely, sql, type Transaction } from 'kysely'
import { SERVER } from '../access/doer.ts'
import { appendAudit } from '../audit/append-audit.ts'
import { done } from '../commands/act.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { tellOf } from '../events/append-event.ts'
import { firstOfAlert, keepFiring } from './firing.ts'
import { claimedUntil, holdChannel } from './held-channel.ts'
import type { OutgoingMessage, Target } from './send-message.ts'
import type { Tried } from './tried.ts'

type Db = Kysely<DatabaseSchema>

const DETAIL_MAX = 700

export interface ClaimedDelivery {
  readonly claim: string
  readonly target: Target
  readonly message: OutgoingMessage
  readonly attempts: number
}

export type TryResult = 'delivered' | 'failed' | 'dead' | 'lost'

/** Takes a channel for which something is due and at which nobody is. @returns undefined: there is none */
export const claimChannel = async (database: Db, claim: string, now: Date): Promise<string | undefined> => {
  const { rows } = await sql<{ channel_id: string }>`
    update channel_progress set claim = ${claim}, claimed_until = ${claimedUntil(now)}
    where channel_id = (
      select progress.channel_id
      from channel_progress as progress join channels on channels.id = progress.channel_id
      where channels.enabled and progress.next_at <= ${now}
        and (progress.claimed_until is null or progress.claimed_until <= ${now})
        and (progress.refresh_at <= ${now} or exists (
          select from channel_deliveries as waiting
          where waiting.channel_id = progress.channel_id and waiting.state = 'waiting'
        ))
        and not exists (select from users where users.id = channels.owner_id and users.disabled_at is not null)
      order by progress.next_at, progress.channel_id limit 1
      for update of progress skip locked
    )
    returning channel_id`.execute(database)
  return rows[0]?.channel_id
}

/** The channel's oldest message, counted as tried before it is sent. @returns undefined: none, or the claim is lost */
export const nextDelivery = (
  database: Db,
  { claim, channelId, now }: { claim: string; channelId: string; now: Date },
): Promise<ClaimedDelivery | undefined> =>
  database.transaction().execute(async (transaction) => {
    const target = await holdChannel(transaction, { claim, channelId, now })
    if (target === undefined) return undefined
    const { rows } = await sql<DueRow>`
      update channel_deliveries set attempts = attempts + 1
      where id = (
        select id from channel_deliveries where channel_id = ${channelId} and state = 'waiting' order by number limit 1
      )
      returning id, body, attempts, remaining, type`.execute(transaction)
    const [row] = rows
    if (row === undefined) return undefined
    const { id, body, attempts, remaining } = row
    const first = target.kind === 'alertmanager' ? await firstOfAlert(transaction, channelId, row) : null
    return { claim, target, attempts, message: { id, body, remaining, again: attempts > 1, firstOfAlert: first } }
  })

interface DueRow {
  readonly id: string
  readonly body: string
  readonly attempts: number
  readonly remaining: readonly string[] | null
  readonly type: MessageType
}

export const releaseChannel = async (database: Db, claim: string, channelId: string): Promise<void> => {
  await database
    .updateTable('channel_progress')
    .set({ claim: null, claimed_until: null })
    .where('channel_id', '=', channelId)
    .where('claim', '=', claim)
    .execute()
}

interface Moment {
  readonly now: Date
  readonly chance: number
}

/** Writes what came of a try; `lost`: another backend has taken the channel meanwhile, and whatever it finds counts. */
export const settleDelivery = (
  database: Db,
  { claim, target, message, attempts }: ClaimedDelivery,
  answer: Tried,
  { now, chance }: Moment,
): Promise<TryResult> =>
  database.transaction().execute(async (transaction) => {
    const progress = await claimedProgress(transaction, claim, target.id)
    if (progress === undefined) return 'lost'
    const { status, verdict, remaining } = answer
    const detail = detailOf(answer)
    const write = (change: object) =>
      transaction
        .updateTable('channel_deliveries')
        .set({ status, detail, ...change })
        .where('id', '=', message.id)
        .execute()
    if (verdict === 'delivered') {
      await write({ state: 'delivered', ended_at: now, remaining: null })
      if (target.kind === 'alertmanager') await keepFiring(transaction, target.id, message.body, now)
      await wentWell(transaction, target.id, { last_delivered_at: now })
      return 'delivered'
    }
    const isDead = isRefusedForGood(verdict, attempts)
    await write({
      ...(isDead ? { state: 'dead', ended_at: now } : {}),
      ...(remaining === null ? {} : { remaining: JSON.stringify(remaining) }),
    })
    await wentWrong(transaction, target.id, { progress, detail, restMs: answer.restMs, now, chance })
    await giveUpOld(transaction, target.id, now)
    if (verdict === 'gone') await turnOff(transaction, target, answer.detail, now)
    return isDead ? 'dead' : 'failed'
  })

/** As of a delivery, of what was said again. */
export const settleRefresh = (
  database: Db,
  { claim, target }: Pick<ClaimedDelivery, 'claim' | 'target'>,
  answer: Tried,
  { now, chance }: Moment,
): Promise<TryResult> =>
  database.transaction().execute(async (transaction) => {
    const progress = await claimedProgress(transaction, claim, target.id)
    if (progress === undefined) return 'lost'
    if (answer.verdict === 'delivered') {
      await wentWell(transaction, target.id, { refresh_at: new Date(now.getTime() + REFRESH_MS) })
      return 'delivered'
    }
    await wentWrong(transaction, target.id, {
      ...{ progress, detail: detailOf(answer), restMs: answer.restMs, now, chance },
    })
    if (answer.verdict === 'gone') await turnOff(transaction, target, answer.detail, now)
    return 'failed'
  })

const detailOf = ({ answer, detail }: Tried): string =>
  databaseText(cut(answer === '' ? detail : `${detail} ${answer}`, DETAIL_MAX))

const claimedProgress = (transaction: Transaction<DatabaseSchema>, claim: string, channelId: string) =>
  transaction
    .selectFrom('channel_progress')
    .select(['failures', 'failing_since'])
    .where('channel_id', '=', channelId)
    .where('claim', '=', claim)
    .forUpdate()
    .executeTakeFirst()

const wentWell = (
  transaction: Transaction<DatabaseSchema>,
  channelId: string,
  more: { last_delivered_at: Date } | { refresh_at: Date },
) =>
  transaction
    .updateTable('channel_progress')
    .set({ failures: 0, failing_since: null, failing_detail: null, ...more })
    .where('channel_id', '=', channelId)
    .execute()

interface Failure extends Moment {
  readonly progress: { readonly failures: number; readonly failing_since: Date | null }
  readonly detail: string
  readonly restMs: number | null
}

const wentWrong = (
  transaction: Transaction<DatabaseSchema>,
  channelId: string,
  { progress, detail, restMs, now, chance }: Failure,
) => {
  const failures = progress.failures + 1
  // Not before the receiver asks for, and not more often than always.
  const delayMs = Math.max(retryDelayMs(failures, chance), restMs ?? 0)
  return transaction
    .updateTable('channel_progress')
    .set({
      failures,
      failing_since: progress.failing_since ?? now,
      failing_detail: detail,
      next_at: new Date(now.getTime() + delayMs),
    })
    .where('channel_id', '=', channelId)
    .execute()
}

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

/** What nobody wants any more is sent no more: a browser is forgotten, a channel is turned off, and people are told. */
const turnOff = async (
  transaction: Transaction<DatabaseSchema>,
  { id, kind }: Target,
  because: string,
  now: Date,
): Promise<void> => {
  if (kind === 'push') {
    await transaction.deleteFrom('channels').where('id', '=', id).execute()
    return
  }
  const reason = `${because} It wants no more messages.`
  const channel = await transaction
    .updateTable('channels')
    .set({ enabled: false, off_because: reason })
    .where('id', '=', id)
    .where('enabled', '=', true)
    .returning('name')
    .executeTakeFirst()
  if (channel === undefined) return
  const target = { kind: 'channel', id, name: channel.name }
  await appendAudit(
    transaction,
    done({ ...SERVER, now }, { action: 'channel.turn_off', target, reason, after: { enabled: false } }),
  )
  await tellOf(transaction, 'channels', now)
}

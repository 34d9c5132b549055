import { AuditHead } from '@rebootless/shared/contract/audit.ts'
import type { Kysely } from 'kysely'
import { selectNewestHead } from '../audit/queries.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { appendDeliveries } from './outbox.ts'

/** A log that grows so fast is not left for the minutes of the channel. */
const ENTRIES_MAX = 1000
const MINUTE_MS = 60_000

/**
 * Puts the newest signed head of the audit log into the outbox of each channel that is due for one (threat-model T30). A head
 * vouches for all before it, so those between need not be sent; a log that does not grow has no new head.
 */
export const queueHeads = (database: Kysely<DatabaseSchema>, now: Date): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const head = await selectNewestHead(transaction)
    if (head === undefined) return
    const rows = await transaction
      .selectFrom('channels')
      .innerJoin('channel_progress', 'channel_progress.channel_id', 'channels.id')
      .select(['channels.id', 'channels.events', 'channel_progress.head_sequence', 'channel_progress.head_at'])
      .where('channels.enabled', '=', true)
      .where('channel_progress.head_sequence', '<', String(head.sequence))
      .orderBy('channels.id')
      .forUpdate('channel_progress')
      .skipLocked()
      .execute()
    const due = rows.filter(({ events: { auditHeads }, head_sequence, head_at }) => {
      if (auditHeads === null) return false
      if (head_at === null || head.sequence - Number(head_sequence) >= ENTRIES_MAX) return true
      return now.getTime() - head_at.getTime() >= auditHeads.everyMinutes * MINUTE_MS
    })
    if (due.length === 0) return
    const signedHead = AuditHead.parse(JSON.parse(head.signed.payload))
    await appendDeliveries(
      transaction,
      due.map(({ id }) => ({
        channelId: id,
        summary: `The audit log as it was signed at entry ${head.sequence}.`,
        message: {
          type: 'audit.head_signed',
          timestamp: signedHead.at,
          data: { head: signedHead, signed: head.signed },
        },
      })),
      now,
    )
    await transaction
      .updateTable('channel_progress')
      .set({ head_sequence: head.sequence, head_at: now })
      .where(
        'channel_id',
        'in',
        due.map(({ id }) => id),
      )
      .execute()
  })

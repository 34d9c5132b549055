import { randomUUID } from 'node:crypto'
import type { ComplianceReport } from '@rebootless/shared/contract/channel-messages.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { dueCount, lastDue, nextDue } from '@rebootless/shared/domain/reports/schedule.ts'
import type { Kysely, Selectable, Transaction } from 'kysely'
import type { Logger } from 'pino'
import { appendAudit } from '../audit/append-audit.ts'
import { appendDeliveries } from '../channels/outbox.ts'
import { type Act, done } from '../commands/act.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { type ReportContentOptions, reportContent } from './report-content.ts'
import { readReport, reportNotFound } from './report-rows.ts'

type Db = Kysely<DatabaseSchema>
type Write = Transaction<DatabaseSchema>
type ReportRow = Selectable<DatabaseSchema['reports']>
type Content = Awaited<ReturnType<typeof reportContent>>

/** What is later than this says so. */
const LATE_MS = 15 * 60_000

/** A report as it was read, with what its channel may be told; `refused`: why it cannot be told anything. */
interface Ready {
  readonly row: ReportRow
  readonly content: Content | null
  readonly refused: string | null
}

const OFF = 'The channel is off: turn it on, then send the report by hand.'
const GONE = 'The channel was deleted: choose another.'

const readChannelOf = (database: Db, { channel_id: id }: ReportRow) =>
  id === null
    ? undefined
    : database.selectFrom('channels').select(['scope', 'enabled']).where('id', '=', id).executeTakeFirst()

/** Before a transaction, since to judge a large fleet takes seconds. */
const makeReady = async (options: ReportContentOptions, row: ReportRow): Promise<Ready> => {
  const channel = await readChannelOf(options.database, row)
  if (channel === undefined) return { row, content: null, refused: GONE }
  if (!channel.enabled) return { row, content: null, refused: OFF }
  try {
    const { id, name, filter, attach_csv: attachCsv } = row
    return { row, refused: null, content: await reportContent(options, { id, name, filter, attachCsv, ...channel }) }
  } catch (error) {
    if (!(error instanceof DomainError) || error.code === 'too_many_requests') throw error
    return { row, content: null, refused: error.detail }
  }
}

/**
 * Locks the report as it was read, and its channel before it, as whoever deletes a channel does.
 * @returns false: somebody changed it meanwhile
 */
const lockAsRead = async (transaction: Write, { id, channel_id, revision, next_at }: ReportRow): Promise<boolean> => {
  if (channel_id !== null) {
    await transaction.selectFrom('channels').select('id').where('id', '=', channel_id).forKeyShare().execute()
  }
  const row = await transaction.selectFrom('reports').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
  return (
    row !== undefined &&
    row.channel_id === channel_id &&
    row.revision === revision &&
    row.next_at.getTime() === next_at.getTime()
  )
}

interface Sent {
  readonly period: string | null
  readonly late: ComplianceReport['data']['late']
  readonly now: Date
}

/** One row a period: a second one for it is no sending. The message goes into the outbox in the same transaction. */
const append = async (transaction: Write, { row, content, refused }: Ready, { period, late, now }: Sent) => {
  const id = randomUUID()
  const { numInsertedOrUpdatedRows: inserted = 0n } = await transaction
    .insertInto('report_sendings')
    .values({
      ...{ id, report_id: row.id, period, refused, sent_at: now },
      late_since: late === null ? null : new Date(late.dueAt),
    })
    .onConflict((conflict) => conflict.columns(['report_id', 'period']).doNothing())
    .executeTakeFirstOrThrow()
  if (inserted === 0n || content === null || row.channel_id === null) return
  const message: ComplianceReport = {
    ...{ type: 'compliance.report', timestamp: now.toISOString(), data: { ...content, period, late } },
  }
  const summary = `${content.report.name}: ${content.sentence}`
  await appendDeliveries(transaction, [{ id, channelId: row.channel_id, summary, message }], now)
}

/** Sends one that is due, once, however many ask for it at the same time and whoever is killed meanwhile. */
const sendDue = async (options: ReportContentOptions, row: ReportRow, now: Date): Promise<void> => {
  const ready = await makeReady(options, row)
  const due = lastDue(row.schedule, now.getTime())
  const missed = dueCount(row.schedule, row.next_at.getTime(), due.at)
  const isLate = now.getTime() - row.next_at.getTime() > LATE_MS
  const late = isLate ? { dueAt: row.next_at.toISOString(), missed } : null
  await options.database.transaction().execute(async (transaction) => {
    if (!(await lockAsRead(transaction, row))) return
    await append(transaction, ready, { period: due.period, late, now })
    await transaction
      .updateTable('reports')
      .set({ next_at: new Date(nextDue(row.schedule, now.getTime()).at) })
      .where('id', '=', row.id)
      .execute()
  })
}

/** Sends every report that is due. One that fails is tried again at the next look, and holds back no other. */
export const sendDueReports = async (
  options: ReportContentOptions & { readonly log: Pick<Logger, 'warn'> },
  now: Date,
): Promise<void> => {
  const rows = await options.database
    .selectFrom('reports')
    .selectAll()
    .where('enabled', '=', true)
    .where('next_at', '<=', now)
    .orderBy('next_at')
    .execute()
  for (const row of rows) {
    await sendDue(options, row, now).catch((error: unknown) => {
      options.log.warn({ report: row.id, err: error }, 'a report could not be sent; it will be tried again')
    })
  }
}

/**
 * Sends one now, whatever its schedule says, on or off.
 * @throws DomainError `report_not_found`; `report_refused` when its channel can be told nothing
 */
export const sendNow = async (options: ReportContentOptions, id: string, who: Act) => {
  const { database } = options
  const row = await database.selectFrom('reports').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw reportNotFound()
  const ready = await makeReady(options, row)
  if (ready.refused !== null) throw new DomainError('report_refused', ready.refused)
  return database.transaction().execute(async (transaction) => {
    if (!(await lockAsRead(transaction, row))) {
      throw new DomainError('report_refused', 'It was changed or sent meanwhile: look at it again.')
    }
    await append(transaction, ready, { period: null, late: null, now: who.now })
    const target = { kind: 'report', id, name: row.name }
    await appendAudit(transaction, done(who, { action: 'report.send', target }))
    return readReport(transaction, id)
  })
}

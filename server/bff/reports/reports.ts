import { randomUUID } from 'node:crypto'
import type { NewReport, Report, ReportChange } from '@rebootless/shared/contract/reports.ts'
import { CHANNEL_FACTS } from '@rebootless/shared/domain/channel-words.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { nextDue, type ReportSchedule } from '@rebootless/shared/domain/reports/schedule.ts'
import type { Kysely, Transaction } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import { channelNotFound, kindOf } from '../channels/channel-rows.ts'
import { type Act, done } from '../commands/act.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { readReport, reportNotFound } from './report-rows.ts'

type Db = Kysely<DatabaseSchema>
type Write = Transaction<DatabaseSchema>

const REPORTS_MAX = 100

const refused = (detail: string) => new DomainError('report_refused', detail)
const targetOf = ({ id, name }: { id: string; name: string }) => ({ kind: 'report', id, name })
const audited = (row: Omit<NewReport, 'channelId'> & { channelId: string | null }) => ({
  ...{ name: row.name, filter: row.filter, schedule: { ...row.schedule }, channel: row.channelId },
  attachCsv: row.attachCsv,
})

/** The channel stays until the report names it. @throws DomainError `channel_not_found`, `report_refused` */
const requireChannel = async (transaction: Write, id: string, attachCsv: boolean): Promise<void> => {
  const row = await transaction
    .selectFrom('channels')
    .select('kind')
    .where('id', '=', id)
    .where('owner_id', 'is', null)
    .forKeyShare()
    .executeTakeFirst()
  if (row === undefined) throw channelNotFound()
  const kind = kindOf(row)
  if (!CHANNEL_FACTS[kind].reports) {
    throw refused('This kind of channel takes no reports: send them by mail, Slack, Teams or a webhook.')
  }
  if (attachCsv && kind !== 'smtp') throw refused('Only mail carries a file: the others are sent the link.')
}

/** @throws DomainError `channel_not_found`, `report_refused` */
export const createReport = (database: Db, wanted: NewReport, who: Act & { username: string }): Promise<Report> =>
  database.transaction().execute(async (transaction) => {
    const { count } = await transaction
      .selectFrom('reports')
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .executeTakeFirstOrThrow()
    if (Number(count) >= REPORTS_MAX) throw refused(`There are ${REPORTS_MAX} reports already: delete one first.`)
    await requireChannel(transaction, wanted.channelId, wanted.attachCsv)
    const id = randomUUID()
    const { filter, schedule } = wanted
    const name = databaseText(wanted.name)
    await transaction
      .insertInto('reports')
      .values({
        ...{ id, name, filter: databaseText(filter), schedule: JSON.stringify(schedule) },
        ...{ channel_id: wanted.channelId, attach_csv: wanted.attachCsv, enabled: true },
        next_at: new Date(nextDue(schedule, who.now.getTime()).at),
        ...{ created_by_name: who.username, created_at: who.now },
      })
      .execute()
    await appendAudit(
      transaction,
      done(who, { action: 'report.create', target: targetOf({ id, name }), after: audited(wanted) }),
    )
    return readReport(transaction, id)
  })

/** When it is due next in a period of which none was sent yet. */
const nextUnsent = async (transaction: Write, id: string, schedule: ReportSchedule, now: Date): Promise<Date> => {
  const due = nextDue(schedule, now.getTime())
  const sent = await transaction
    .selectFrom('report_sendings')
    .select('id')
    .where('report_id', '=', id)
    .where('period', '=', due.period)
    .executeTakeFirst()
  return new Date(sent === undefined ? due.at : nextDue(schedule, due.at).at)
}

/** @throws DomainError `report_not_found`, `channel_not_found`, `report_refused` */
export const changeReport = (
  database: Db,
  id: string,
  { reason, ...wanted }: ReportChange,
  who: Act,
): Promise<Report> =>
  database.transaction().execute(async (transaction) => {
    const named = await transaction.selectFrom('reports').selectAll().where('id', '=', id).executeTakeFirst()
    if (named === undefined) throw reportNotFound()
    const channelId = wanted.channelId ?? named.channel_id
    const attachCsv = wanted.attachCsv ?? named.attach_csv
    // The channel first, as whoever sends or deletes it does, so that nobody waits for another in a ring.
    if (channelId !== null) await requireChannel(transaction, channelId, attachCsv)
    const row = await transaction.selectFrom('reports').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
    if (row === undefined) throw reportNotFound()
    if (row.revision !== named.revision || row.channel_id !== named.channel_id) {
      throw refused('Somebody else changed it meanwhile: look at it again.')
    }
    const { filter = row.filter, schedule = row.schedule, enabled = row.enabled } = wanted
    const name = databaseText(wanted.name ?? row.name)
    // What is on and keeps its time keeps what it missed, too.
    const keepsTime = row.enabled && enabled && wanted.schedule === undefined
    await transaction
      .updateTable('reports')
      .set({
        ...{ name, filter: databaseText(filter), schedule: JSON.stringify(schedule), channel_id: channelId },
        ...{ attach_csv: attachCsv, enabled, revision: row.revision + 1 },
        next_at: keepsTime ? row.next_at : await nextUnsent(transaction, id, schedule, who.now),
      })
      .where('id', '=', id)
      .execute()
    const action = enabled === row.enabled ? 'report.change' : enabled ? 'report.turn_on' : 'report.turn_off'
    const before = audited({ ...row, channelId: row.channel_id, attachCsv: row.attach_csv })
    const after = audited({ name, filter, schedule, channelId, attachCsv })
    await appendAudit(
      transaction,
      done(who, { action, target: targetOf({ id, name }), reason: reason ?? null, before, after }),
    )
    return readReport(transaction, id)
  })

/** @throws DomainError `report_not_found` */
export const deleteReport = (database: Db, id: string, reason: string, who: Act): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const row = await transaction.deleteFrom('reports').where('id', '=', id).returningAll().executeTakeFirst()
    if (row === undefined) throw reportNotFound()
    const before = audited({ ...row, channelId: row.channel_id, attachCsv: row.attach_csv })
    await appendAudit(transaction, done(who, { action: 'report.delete', target: targetOf(row), reason, before }))
  })

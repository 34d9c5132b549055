import type { Report, ReportSending } from '@rebootless/shared/contract/reports.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { ReportState } from '@rebootless/shared/domain/reports/report-words.ts'
import type { Kysely } from 'kysely'
import { kindOf } from '../channels/channel-rows.ts'
import type { DatabaseSchema } from '../database/schema.ts'

type Db = Kysely<DatabaseSchema>

export const reportNotFound = () =>
  new DomainError('report_not_found', 'There is no such report: see the list of reports.')

const STATES = { waiting: 'waiting', delivered: 'delivered', dead: 'given up' } as const

/** All reports, or one, each with the last that was sent of it. */
export const readReports = async (database: Db, id?: string): Promise<Report[]> => {
  const rows = await database
    .selectFrom('reports')
    .leftJoin('channels', 'channels.id', 'reports.channel_id')
    .leftJoinLateral(
      (from) =>
        from
          .selectFrom('report_sendings')
          .leftJoin('channel_deliveries as delivery', 'delivery.id', 'report_sendings.id')
          .select(['report_sendings.period', 'late_since', 'refused', 'sent_at', 'delivery.state', 'delivery.detail'])
          .whereRef('report_sendings.report_id', '=', 'reports.id')
          .orderBy('sent_at', 'desc')
          .limit(1)
          .as('last'),
      (join) => join.onTrue(),
    )
    .selectAll('reports')
    .select(['channels.name as channelName', 'channels.kind as channelKind', 'channels.enabled as channelEnabled'])
    .select(['last.period', 'last.late_since', 'last.refused', 'last.sent_at', 'last.state', 'last.detail'])
    .$if(id !== undefined, (query) => query.where('reports.id', '=', id ?? ''))
    .orderBy('reports.name')
    .orderBy('reports.created_at')
    .execute()
  return rows.map((row) => ({
    ...{ id: row.id, name: row.name, filter: row.filter, schedule: row.schedule, attachCsv: row.attach_csv },
    channel:
      row.channel_id === null || row.channelKind === null
        ? null
        : {
            ...{ id: row.channel_id, name: row.channelName ?? '', kind: kindOf({ kind: row.channelKind }) },
            enabled: row.channelEnabled ?? false,
          },
    ...{ enabled: row.enabled, createdBy: row.created_by_name, createdAt: row.created_at.toISOString() },
    nextAt: row.enabled ? row.next_at.toISOString() : null,
    last: row.sent_at === null ? null : sendingOf({ ...row, sent_at: row.sent_at }),
  }))
}

const sendingOf = (row: {
  readonly sent_at: Date
  readonly period: string | null
  readonly late_since: Date | null
  readonly refused: string | null
  readonly state: keyof typeof STATES | null
  readonly detail: string | null
}): ReportSending => {
  const state: ReportState = row.refused !== null ? 'not sent' : row.state === null ? 'kept no more' : STATES[row.state]
  return {
    ...{ at: row.sent_at.toISOString(), period: row.period, lateSince: row.late_since?.toISOString() ?? null },
    ...{ state, detail: row.refused ?? row.detail },
  }
}

/** @throws DomainError `report_not_found` */
export const readReport = async (database: Db, id: string): Promise<Report> => {
  const [report] = await readReports(database, id)
  if (report === undefined) throw reportNotFound()
  return report
}

import type { ReportSchedule } from '@rebootless/shared/domain/reports/schedule.ts'
import type { ColumnType } from 'kysely'
import type { Json } from './column-types.ts'

interface ReportsTable {
  id: string
  name: string
  filter: string
  schedule: Json<ReportSchedule>
  channel_id: string | null
  attach_csv: boolean
  enabled: boolean
  /** When it is due next, or was where nothing ran that could send it. */
  next_at: Date
  /** Counts what people changed. */
  revision: ColumnType<number, undefined, number>
  created_by_name: string
  created_at: Date
}

/** What became of each period, and of what people had sent. */
interface ReportSendingsTable {
  /** That of the delivery too. */
  id: string
  report_id: string
  /** One row a period (unique); null: somebody had it sent. */
  period: string | null
  late_since: Date | null
  /** Why there was no delivery. */
  refused: string | null
  sent_at: Date
}

export interface ReportTables {
  reports: ReportsTable
  report_sendings: ReportSendingsTable
}

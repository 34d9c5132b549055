import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** Scheduled reports of compliance, and what became of each period. */
export const reports: Migration = {
  id: '0033-reports',
  async up(transaction) {
    await sql`create table reports (
      id uuid primary key,
      name text not null,
      filter text not null,
      schedule json not null,
      channel_id uuid references channels on delete set null,
      attach_csv boolean not null,
      enabled boolean not null,
      next_at timestamptz not null,
      revision integer not null default 1,
      created_by_name text not null,
      created_at timestamptz not null
    )`.execute(transaction)
    await sql`create index reports_due on reports (next_at) where enabled`.execute(transaction)
    await sql`create index reports_by_channel on reports (channel_id)`.execute(transaction)
    await sql`create table report_sendings (
      id uuid primary key,
      report_id uuid not null references reports on delete cascade,
      period text,
      late_since timestamptz,
      refused text,
      sent_at timestamptz not null,
      unique (report_id, period)
    )`.execute(transaction)
    await sql`create index report_sendings_by_time on report_sendings (report_id, sent_at)`.execute(transaction)
  },
}

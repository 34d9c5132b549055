import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** What people set and accept, and how each day ended. No row is changed but to say who approved or ended it, and when. */
export const compliance: Migration = {
  id: '0027-compliance',
  async up(transaction) {
    await sql`create table sla_policies (
      version int primary key,
      spec json not null,
      reason text not null,
      set_by_name text not null,
      set_at timestamptz not null
    )`.execute(transaction)
    await sql`create table compliance_exceptions (
      id uuid primary key,
      cve_id text collate "C",
      severity text,
      hosts text not null,
      owner text not null,
      reason text not null,
      until timestamptz not null,
      requested_by_id uuid not null,
      requested_by_name text not null,
      requested_at timestamptz not null,
      approved_by_id uuid,
      approved_by_name text,
      approved_at timestamptz,
      ended_by_name text,
      ended_at timestamptz,
      ended_reason text,
      check ((cve_id is null) <> (severity is null)),
      check (approved_by_id is null or approved_by_id <> requested_by_id)
    )`.execute(transaction)
    await sql`create index compliance_exceptions_by_end on compliance_exceptions (until)`.execute(transaction)
    await sql`create table compliance_days (
      day text collate "C" not null,
      dimension text not null,
      /* '' stands for hosts without the label, a value stands behind =. */
      value text collate "C" not null,
      figures json not null,
      written_at timestamptz not null,
      primary key (dimension, day, value)
    )`.execute(transaction)
    /* What changed in the last days, without a look at every row. */
    await sql`create index exposure_verdicts_by_end on exposure_verdicts (to_at) where to_at is not null`.execute(
      transaction,
    )
    await sql`create index host_exposure_by_end on host_exposure (to_at) where to_at is not null`.execute(transaction)
  },
}

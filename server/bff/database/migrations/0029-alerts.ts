import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/**
 * Alerts: groups of hosts with one cause, from pending to resolved; what people changed of rules; silences. Of hosts what the
 * engine must remember, since a snapshot says what is and not what has changed.
 */
export const alerts: Migration = {
  id: '0029-alerts',
  async up(transaction) {
    await sql`create table alert_rules (
      id text collate "C" primary key,
      settings json not null,
      changed_by_name text not null,
      changed_at timestamptz not null
    )`.execute(transaction)
    await sql`create table alert_groups (
      id uuid primary key,
      rule text collate "C" not null,
      cause text collate "C" not null,
      severity text not null,
      phase text not null,
      title text not null,
      detail text not null,
      path text not null,
      since timestamptz not null,
      fired_at timestamptz,
      absent_since timestamptz,
      resolved_at timestamptz,
      acknowledged_by text,
      acknowledged_at timestamptz,
      acknowledged_note text,
      done_note text,
      silenced_until timestamptz,
      escalation_level int not null,
      told_count int not null,
      told_status text,
      told_at timestamptz,
      told_hosts int not null,
      told_channels uuid[] not null
    )`.execute(transaction)
    await sql`create unique index alert_groups_open on alert_groups (rule, cause)
      where resolved_at is null`.execute(transaction)
    await sql`create index alert_groups_over on alert_groups (resolved_at, id)
      where resolved_at is not null`.execute(transaction)
    await sql`create index alert_groups_by_cause on alert_groups (rule, cause, resolved_at)`.execute(transaction)
    /* Hosts that were removed stay in it, as history. */
    await sql`create table alert_members (
      group_id uuid not null references alert_groups on delete cascade,
      host_id uuid not null,
      host_name text not null,
      since timestamptz not null,
      until timestamptz,
      primary key (group_id, host_id)
    )`.execute(transaction)
    await sql`create index alert_members_by_host on alert_members (host_id)`.execute(transaction)
    await sql`create table alert_timeline (
      id bigint generated always as identity primary key,
      group_id uuid not null references alert_groups on delete cascade,
      at timestamptz not null,
      kind text not null,
      by_name text,
      text text,
      channels text[] not null
    )`.execute(transaction)
    await sql`create index alert_timeline_by_group on alert_timeline (group_id, id)`.execute(transaction)
    await sql`create table alert_silences (
      id uuid primary key,
      rule text,
      cause text,
      hosts text,
      reason text not null,
      created_by_name text not null,
      created_at timestamptz not null,
      ends_at timestamptz not null,
      ended_at timestamptz,
      ended_by_name text
    )`.execute(transaction)
    await sql`create table alert_marks (
      host_id uuid primary key references hosts on delete cascade,
      epoch bigint not null,
      sequence bigint not null,
      boot_id text collate "C",
      taints text not null,
      taints_added text,
      taints_at timestamptz,
      patched_at timestamptz,
      reversed_patch text,
      reversed_at timestamptz
    ) with (fillfactor = 80)`.execute(transaction)
    await sql`create index alert_marks_changed on alert_marks (greatest(taints_at, reversed_at))`.execute(transaction)
    await sql`create index kernel_incidents_by_age on kernel_incidents (at)`.execute(transaction)
    await sql`create index commands_ended on commands (ended_at) where state in ('failed', 'refused', 'unknown')`.execute(
      transaction,
    )
  },
}

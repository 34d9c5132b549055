import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/**
 * Tokens that serve several hosts and can be revoked; hosts that wait for a person; what tells a clone from its
 * original; which authority signed a certificate (threat-model T15–T18).
 */
export const hostsInAndOut: Migration = {
  id: '0010-enrolment',
  async up(transaction) {
    await sql`alter table enrolment_tokens
      add column id uuid not null unique default gen_random_uuid(),
      add column created_at timestamptz not null default now(),
      add column own boolean not null default false,
      add column uses int not null default 1,
      add column uses_left int not null default 1 check (uses_left >= 0),
      add column revoked_at timestamptz,
      add column revoked_by text`.execute(transaction)
    await sql`create table enrolments (
      host_id uuid primary key,
      host_name text not null,
      token_id uuid,
      at timestamptz not null
    )`.execute(transaction)
    await sql`create index enrolments_by_token on enrolments (token_id, at)`.execute(transaction)
    await sql`insert into enrolments (host_id, host_name, token_id, at)
      select token.used_by, coalesce(hosts.enrolled_name, ''), token.id, token.used_at
      from enrolment_tokens as token left join hosts on hosts.id = token.used_by
      where token.used_by is not null and token.used_at is not null
      on conflict do nothing`.execute(transaction)
    await sql`update enrolment_tokens set uses_left = 0 where used_at is not null`.execute(transaction)
    await sql`alter table enrolment_tokens drop column used_at, drop column used_by`.execute(transaction)

    await sql`alter table certificates
      add column authority text collate "C",
      add column key_fingerprint text collate "C"`.execute(transaction)

    await sql`alter table hosts
      add column enrolled_by text,
      add column machine_id text collate "C",
      add column quarantined_at timestamptz,
      add column quarantine_reason text`.execute(transaction)
    await sql`create index hosts_by_machine on hosts (machine_id)`.execute(transaction)
    await sql`create table host_boots (
      host_id uuid not null references hosts on delete cascade,
      boot_id text collate "C" not null,
      first_seen_at timestamptz not null,
      superseded_at timestamptz,
      primary key (host_id, boot_id)
    )`.execute(transaction)

    await sql`create table enrolment_requests (
      id uuid primary key,
      key_fingerprint text collate "C" not null unique,
      host_name text not null,
      machine_id text collate "C",
      address text collate "C" not null,
      asked_at timestamptz not null,
      last_asked_at timestamptz not null,
      state text not null check (state in ('waiting', 'approved', 'denied', 'enrolled')),
      decided_at timestamptz,
      decided_by text,
      labels jsonb not null,
      host_id uuid
    )`.execute(transaction)
  },
}

import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/**
 * What may be done, who approved it, and what was sent to whom. A signed text is kept as the very characters that were
 * signed. At most one command of one part of an authorisation is alive on a host.
 */
export const commands: Migration = {
  id: '0011-commands',
  async up(transaction) {
    await sql`create table artefacts (
      sha256 text collate "C" primary key,
      size int not null,
      name text collate "C" not null,
      vermagic text not null,
      version text,
      srcversion text,
      depends text[] not null,
      release_counter int not null,
      uploaded_by text not null,
      uploaded_at timestamptz not null
    )`.execute(transaction)

    await sql`create table approver_keys (
      id uuid primary key,
      user_id uuid not null references users on delete cascade,
      public_key text collate "C" not null unique,
      name text not null,
      registered_at timestamptz not null,
      revoked_at timestamptz
    )`.execute(transaction)

    await sql`create table authorisations (
      id uuid primary key,
      sha256 text collate "C" not null unique,
      payload text not null,
      action text not null,
      patch text,
      artefact_sha256 text collate "C",
      reason text not null,
      host_count int not null,
      approvals_needed int not null,
      requested_by uuid not null,
      requested_by_name text not null,
      requested_at timestamptz not null,
      expires_at timestamptz not null,
      cancelled_at timestamptz,
      cancelled_by text,
      void_reason text
    )`.execute(transaction)
    await sql`create index authorisations_by_time on authorisations (requested_at)`.execute(transaction)

    await sql`create table authorisation_signatures (
      authorisation_id uuid not null references authorisations on delete cascade,
      user_id uuid not null,
      key_id uuid not null,
      username text not null,
      public_key text collate "C" not null,
      signature text not null,
      signed_at timestamptz not null,
      primary key (authorisation_id, user_id),
      unique (authorisation_id, public_key)
    )`.execute(transaction)

    await sql`create table commands (
      id uuid primary key,
      authorisation_id uuid not null references authorisations on delete cascade,
      part text not null check (part in ('action', 'reversal')),
      host_id uuid not null references hosts on delete cascade,
      not_before timestamptz not null,
      state text not null,
      waiting_for text,
      created_at timestamptz not null,
      epoch bigint,
      sequence bigint,
      payload text,
      signature text,
      issued_at timestamptz,
      expires_at timestamptz,
      sent_at timestamptz,
      started_at timestamptz,
      ended_at timestamptz,
      code text,
      detail text,
      unique (host_id, epoch, sequence),
      check (state in ('waiting', 'cancelled', 'expired') or payload is not null)
    )`.execute(transaction)
    await sql`create unique index commands_alive on commands (host_id, authorisation_id, part)
      where state in ('waiting', 'sent')`.execute(transaction)
    await sql`create index commands_by_authorisation on commands (authorisation_id)`.execute(transaction)
    await sql`create index commands_by_time on commands (created_at)`.execute(transaction)

    await sql`create table command_sequences (
      host_id uuid primary key references hosts on delete cascade,
      epoch bigint not null,
      sequence bigint not null
    )`.execute(transaction)

    await sql`create table server_epoch (
      "only" boolean primary key default true check ("only"),
      epoch bigint not null
    )`.execute(transaction)
    await sql`insert into server_epoch (epoch) values (1)`.execute(transaction)

    await sql`create table fleet_freeze (
      "only" boolean primary key default true check ("only"),
      frozen boolean not null,
      reason text,
      changed_by text,
      changed_at timestamptz,
      lift_asked_by_id uuid,
      lift_asked_by text,
      lift_asked_at timestamptz,
      epoch bigint not null,
      sequence bigint not null,
      payload text,
      signature text
    )`.execute(transaction)
    await sql`insert into fleet_freeze (frozen, epoch, sequence) values (false, 1, 0)`.execute(transaction)

    // A freeze is no host's event.
    await sql`alter table events alter column host_id drop not null`.execute(transaction)
  },
}

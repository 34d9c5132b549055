import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** Join tokens and certificates: by hash only. A used token stays, so that it can be told from an unknown one. */
export const enrolment: Migration = {
  id: '0003-enrolment',
  async up(transaction) {
    await sql`create table enrolment_tokens (
      token_hash text collate "C" primary key,
      labels jsonb not null,
      created_by text not null,
      expires_at timestamptz not null,
      used_at timestamptz,
      used_by uuid
    )`.execute(transaction)
    await sql`create table certificates (
      fingerprint text collate "C" primary key,
      host_id uuid not null references hosts on delete cascade,
      issued_at timestamptz not null,
      expires_at timestamptz not null,
      revoked_at timestamptz
    )`.execute(transaction)
    await sql`create index certificates_by_host on certificates (host_id)`.execute(transaction)
  },
}

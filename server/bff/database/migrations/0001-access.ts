import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** Who may sign in, and how. Secrets are kept as hashes only (threat-model T01, T31). */
export const access: Migration = {
  id: '0001-access',
  async up(transaction) {
    await sql`create table users (
      id uuid primary key,
      username text collate "C" not null unique,
      role text not null check (role in ('viewer', 'operator', 'approver', 'admin')),
      password_hash text,
      disabled_at timestamptz,
      created_at timestamptz not null
    )`.execute(transaction)
    await sql`create table sessions (
      token_hash text collate "C" primary key,
      user_id uuid not null references users on delete cascade,
      created_at timestamptz not null,
      last_used_at timestamptz not null,
      ended_at timestamptz
    )`.execute(transaction)
    await sql`create index sessions_by_user on sessions (user_id)`.execute(transaction)
    await sql`create table sign_in_links (
      token_hash text collate "C" primary key,
      user_id uuid not null references users on delete cascade,
      expires_at timestamptz not null
    )`.execute(transaction)
    await sql`create table sign_in_attempts (
      key text collate "C" primary key,
      window_started_at timestamptz not null,
      attempts int not null
    )`.execute(transaction)
    await sql`create index sign_in_attempts_by_age on sign_in_attempts (window_started_at)`.execute(transaction)
    await sql`create table sign_in_sources (
      user_id uuid not null references users on delete cascade,
      source text collate "C" not null,
      last_success_at timestamptz not null,
      primary key (user_id, source)
    )`.execute(transaction)
  },
}

import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** Scopes, sessions that can be told apart, API tokens, second factors, accounts of an identity provider. */
export const people: Migration = {
  id: '0009-people',
  async up(transaction) {
    await sql`alter table users
      add column scope text,
      add column password_source text check (password_source in ('setting', 'own')),
      add column oidc_issuer text collate "C",
      add column oidc_subject text collate "C",
      add column last_signed_in_at timestamptz,
      add column totp_seed text,
      add column totp_pending_seed text,
      add column totp_last_counter bigint,
      add constraint oidc_account_is_whole check ((oidc_issuer is null) = (oidc_subject is null)),
      add constraint oidc_account_is_one unique (oidc_issuer, oidc_subject)`.execute(transaction)
    // Until now the setting alone gave anybody a password.
    await sql`update users set password_source = 'setting' where password_hash is not null`.execute(transaction)
    await sql`alter table sessions
      add column id uuid not null unique default gen_random_uuid(),
      add column way text not null default 'link' check (way in ('password', 'link', 'single sign-on')),
      add column address text,
      add column user_agent text,
      add column authenticated_at timestamptz`.execute(transaction)
    await sql`update sessions set authenticated_at = created_at`.execute(transaction)
    await sql`alter table sessions alter column authenticated_at set not null`.execute(transaction)
    await sql`create index sign_in_links_by_user on sign_in_links (user_id)`.execute(transaction)
    await sql`create table sign_in_challenges (
      token_hash text collate "C" primary key,
      user_id uuid not null references users on delete cascade,
      way text not null check (way in ('password', 'link')),
      expires_at timestamptz not null
    )`.execute(transaction)
    await sql`create table recovery_codes (
      user_id uuid not null references users on delete cascade,
      code_hash text collate "C" not null,
      primary key (user_id, code_hash)
    )`.execute(transaction)
    await sql`create table api_tokens (
      id uuid primary key,
      token_hash text collate "C" not null unique,
      user_id uuid not null references users on delete cascade,
      name text not null,
      role text not null check (role in ('viewer', 'operator', 'approver', 'admin')),
      scope text,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      last_used_at timestamptz,
      ended_at timestamptz
    )`.execute(transaction)
    await sql`create index api_tokens_by_user on api_tokens (user_id)`.execute(transaction)
  },
}

import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/**
 * The catalogue of patches. What a module says of itself is kept as it was read; a module from before has none until its
 * file is read again. A module that a set names stays as long as the set.
 */
export const patches: Migration = {
  id: '0015-patches',
  async up(transaction) {
    await sql`alter table artefacts
      add column facts jsonb,
      add column notes text not null default '',
      add column vendor_notes text not null default '',
      add column hand_cves text[] not null default '{}'`.execute(transaction)

    await sql`create table patch_sets (
      id uuid primary key,
      name text not null,
      notes text not null,
      vendor_notes text not null,
      hand_cves text[] not null,
      made_by text not null,
      made_at timestamptz not null
    )`.execute(transaction)
    await sql`create table patch_set_modules (
      set_id uuid not null references patch_sets on delete cascade,
      sha256 text collate "C" not null references artefacts,
      primary key (set_id, sha256)
    )`.execute(transaction)
    await sql`create index patch_set_modules_by_module on patch_set_modules (sha256)`.execute(transaction)

    await sql`create table vendor_updates (
      id uuid primary key,
      name text not null,
      provider text not null,
      level text,
      notes text not null,
      vendor_notes text not null,
      hand_cves text[] not null,
      made_by text not null,
      made_at timestamptz not null
    )`.execute(transaction)

    await sql`create table publisher_keys (
      id uuid primary key,
      public_key text collate "C" not null unique,
      name text not null,
      registered_by text not null,
      registered_at timestamptz not null,
      revoked_at timestamptz
    )`.execute(transaction)
    await sql`create table patch_signatures (
      sha256 text collate "C" not null references artefacts on delete cascade,
      key_id uuid not null references publisher_keys,
      signature text not null,
      added_by text not null,
      added_at timestamptz not null,
      primary key (sha256, key_id)
    )`.execute(transaction)
  },
}

import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** Channels of more kinds, browsers that are sent notifications, and what fires at receivers that forget. */
export const channelKinds: Migration = {
  id: '0030-channel-kinds',
  async up(transaction) {
    await sql`alter table channels
      add column settings json,
      add column has_token boolean not null default false,
      add column owner_id uuid references users on delete cascade,
      add column endpoint_hash text unique`.execute(transaction)
    await sql`update channels set has_token = true where kind = 'grafana'`.execute(transaction)
    await sql`create index channels_by_owner on channels (owner_id) where owner_id is not null`.execute(transaction)
    await sql`alter table channel_progress add column refresh_at timestamptz`.execute(transaction)
    await sql`alter table channel_deliveries add column remaining json`.execute(transaction)
    await sql`create table channel_firing (
      channel_id uuid not null references channels on delete cascade,
      alert_id uuid not null,
      first_body text not null,
      last_body text not null,
      primary key (channel_id, alert_id)
    )`.execute(transaction)
    await sql`create table push_keys (
      single boolean primary key default true check (single),
      public_key text not null,
      private_key text not null
    )`.execute(transaction)
  },
}

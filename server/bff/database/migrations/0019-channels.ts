import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** Where events are sent, how that goes, and the outbox, which is filled in the transaction of what it tells of. */
export const channels: Migration = {
  id: '0019-channels',
  async up(transaction) {
    await sql`create table channels (
      id uuid primary key,
      kind text not null,
      name text not null,
      address text not null,
      events json not null,
      scope text,
      enabled boolean not null,
      off_because text,
      secret text not null,
      public_key text,
      created_by_name text not null,
      created_at timestamptz not null
    )`.execute(transaction)
    await sql`create table channel_progress (
      channel_id uuid primary key references channels on delete cascade,
      failures int not null default 0,
      failing_since timestamptz,
      failing_detail text,
      next_at timestamptz not null,
      claim uuid,
      claimed_until timestamptz,
      last_delivered_at timestamptz,
      head_sequence bigint not null default 0,
      head_at timestamptz
    )`.execute(transaction)
    await sql`create table channel_deliveries (
      id uuid primary key,
      channel_id uuid not null references channels on delete cascade,
      number bigint generated always as identity,
      type text not null,
      summary text not null,
      body text not null,
      state text not null,
      attempts int not null,
      created_at timestamptz not null,
      due_since timestamptz not null,
      ended_at timestamptz,
      status int,
      detail text
    )`.execute(transaction)
    await sql`create index channel_deliveries_by_number on channel_deliveries (channel_id, number)`.execute(transaction)
    await sql`create index channel_deliveries_open on channel_deliveries (channel_id, state, number)
      where state <> 'delivered'`.execute(transaction)
    await sql`create index channel_deliveries_ended on channel_deliveries (ended_at)
      where state <> 'waiting'`.execute(transaction)
  },
}

import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/**
 * Hosts: what they said (registers, sets), and one derived row each that lists and filters read. Bodies are `json`, not
 * `jsonb`: text from hosts may hold U+0000, which jsonb refuses, and they are read whole or not at all.
 */
export const hosts: Migration = {
  id: '0002-hosts',
  async up(transaction) {
    await sql`create table hosts (
      id uuid primary key,
      enrolled_name text not null,
      enrolled_at timestamptz not null,
      name text collate "C" not null,
      name_sort text collate "C" not null,
      origin text not null check (origin in ('agent', 'recorded', 'simulated')),
      labels jsonb not null,
      state text not null,
      state_rank smallint not null,
      state_reason text not null,
      state_since timestamptz not null,
      kernel_release text collate "C" not null,
      kernel_sort text collate "C" not null,
      architecture text not null,
      operating_system text,
      providers text[] not null,
      patch_names text[] not null,
      patches json not null,
      transition json,
      tasks_total int not null,
      tasks_remaining int not null,
      host_class text not null,
      agent_version text,
      connected boolean not null,
      contact text not null check (contact in ('fresh', 'stale', 'offline')),
      link_id text,
      last_seen_at timestamptz,
      read_at timestamptz,
      clock_skew_ms double precision,
      revision bigint not null
    ) with (fillfactor = 80)`.execute(transaction)
    await sql`create index hosts_by_state on hosts (state_rank, name_sort, id)`.execute(transaction)
    await sql`create index hosts_by_name on hosts (name_sort, id)`.execute(transaction)
    await sql`create index hosts_by_kernel on hosts (kernel_sort, name_sort, id)`.execute(transaction)
    await sql`create index hosts_by_labels on hosts using gin (labels jsonb_path_ops)`.execute(transaction)
    await sql`create index hosts_by_patch on hosts using gin (patch_names)`.execute(transaction)

    await sql`create table host_readings (
      host_id uuid not null references hosts on delete cascade,
      kind text not null check (kind in ('hello', 'snapshot', 'heartbeat', 'transition')),
      epoch bigint not null,
      sequence bigint not null,
      snapshot_hash text,
      body json not null,
      raw json,
      received_at timestamptz not null,
      primary key (host_id, kind)
    )`.execute(transaction)

    await sql`create table transition_samples (
      host_id uuid not null references hosts on delete cascade,
      epoch bigint not null,
      sequence bigint not null,
      patch text collate "C" not null,
      target text not null,
      started_at timestamptz not null,
      sampled_at timestamptz not null,
      tasks_total int not null,
      tasks_remaining int not null,
      signalled_at timestamptz,
      forced_at timestamptz,
      primary key (host_id, epoch, sequence)
    )`.execute(transaction)

    await sql`create table kernel_events (
      host_id uuid not null references hosts on delete cascade,
      boot_id text collate "C" not null,
      kmsg_sequence bigint not null,
      at timestamptz not null,
      body json not null,
      epoch bigint not null,
      sequence bigint not null,
      primary key (host_id, boot_id, kmsg_sequence)
    )`.execute(transaction)
    await sql`create index kernel_events_by_time on kernel_events (host_id, at)`.execute(transaction)

    await sql`create table host_causes (
      host_id uuid not null references hosts on delete cascade,
      key text collate "C" not null,
      state text not null,
      state_rank smallint not null,
      title text not null,
      explanation text not null,
      filter text not null,
      since timestamptz not null,
      blocking text,
      function text,
      primary key (host_id, key)
    )`.execute(transaction)
    await sql`create index host_causes_by_key on host_causes (state_rank, key)`.execute(transaction)
  },
}

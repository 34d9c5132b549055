import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/**
 * How kernels fare: incidents as a set, and of pressure a ring of two hours for each host, so that it needs no pruning. Times
 * are the hosts' own. Of a rollout's hosts: when each was told, and how it fared before.
 */
export const kernelReadings: Migration = {
  id: '0020-kernel-readings',
  async up(transaction) {
    await sql`alter table host_readings drop constraint host_readings_kind_check,
      add constraint host_readings_kind_check
        check (kind in ('hello', 'snapshot', 'heartbeat', 'transition', 'kernel_readings'))`.execute(transaction)

    await sql`create table kernel_incidents (
      host_id uuid not null references hosts on delete cascade,
      boot_id text collate "C" not null,
      kmsg_sequence bigint not null,
      at timestamptz not null,
      kind text not null,
      body json not null,
      epoch bigint not null,
      sequence bigint not null,
      primary key (host_id, boot_id, kmsg_sequence)
    )`.execute(transaction)
    await sql`create index kernel_incidents_by_time on kernel_incidents (host_id, at)`.execute(transaction)

    await sql`create table kernel_pressure (
      host_id uuid not null references hosts on delete cascade,
      slot smallint not null,
      turn bigint not null,
      boot_id text collate "C" not null,
      at timestamptz not null,
      cpu_us bigint,
      memory_us bigint,
      io_us bigint,
      load real,
      epoch bigint not null,
      sequence bigint not null,
      primary key (host_id, slot)
    ) with (fillfactor = 80)`.execute(transaction)

    await sql`alter table rollout_hosts add column told_at timestamptz, add column before json`.execute(transaction)
  },
}

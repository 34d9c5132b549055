import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/**
 * Rollouts, each host of one in a row of its own, the log, and what people asked for and the leader has yet to take. Plans
 * and states are `json`, which keeps any character that a host may have sent; `jsonb` does not.
 */
export const rollouts: Migration = {
  id: '0016-rollouts',
  async up(transaction) {
    await sql`create table leases (
      name text collate "C" primary key,
      holder uuid not null,
      fencing bigint not null,
      until timestamptz not null
    )`.execute(transaction)

    await sql`create table rollouts (
      id uuid primary key,
      name text not null,
      plan text not null,
      plan_sha256 text collate "C" not null,
      phase text not null,
      sentence text not null,
      head json not null,
      version bigint not null,
      fencing bigint not null,
      follows boolean not null,
      scope text,
      created_by uuid not null,
      created_by_name text not null,
      created_at timestamptz not null,
      started_at timestamptz,
      ended_at timestamptz
    )`.execute(transaction)
    await sql`create index rollouts_by_time on rollouts (created_at)`.execute(transaction)

    await sql`create table rollout_hosts (
      rollout_id uuid not null references rollouts on delete cascade,
      host_id uuid not null,
      place int not null,
      wave int,
      stage text not null,
      progress json not null,
      taints text,
      primary key (rollout_id, host_id)
    )`.execute(transaction)
    await sql`create index rollout_hosts_by_host on rollout_hosts (host_id)`.execute(transaction)
    await sql`create unique index rollout_hosts_by_place on rollout_hosts (rollout_id, place)`.execute(transaction)

    await sql`create table rollout_decisions (
      rollout_id uuid not null references rollouts on delete cascade,
      number int not null,
      at timestamptz not null,
      kind text not null,
      decision json not null,
      primary key (rollout_id, number)
    )`.execute(transaction)
    await sql`create function keep_rollout_decisions() returns trigger language plpgsql as
      $$ begin raise exception 'decisions of rollouts are only appended'; end $$`.execute(transaction)
    await sql`create trigger keep_rollout_decisions before update on rollout_decisions
      for each row execute function keep_rollout_decisions()`.execute(transaction)

    await sql`create table rollout_acts (
      id bigint generated always as identity primary key,
      rollout_id uuid not null references rollouts on delete cascade,
      act json not null,
      by_name text not null,
      at timestamptz not null,
      taken_at timestamptz
    )`.execute(transaction)
    await sql`create index rollout_acts_waiting on rollout_acts (rollout_id, id) where taken_at is null`.execute(
      transaction,
    )

    await sql`alter table authorisations add column rollout_id uuid references rollouts`.execute(transaction)
    await sql`create index authorisations_by_rollout on authorisations (rollout_id) where rollout_id is not null`.execute(
      transaction,
    )
    await sql`create table rollout_permits (
      rollout_id uuid not null references rollouts on delete cascade,
      host_id uuid not null,
      action text not null,
      kernel_release text not null,
      authorisation_id uuid not null references authorisations on delete cascade,
      primary key (authorisation_id, host_id)
    )`.execute(transaction)
    await sql`create index rollout_permits_by_host on rollout_permits (rollout_id, host_id, action)`.execute(
      transaction,
    )

    // A command made of an order is good no longer than the order.
    await sql`alter table commands add column rollout_order text collate "C", add column good_until timestamptz`.execute(
      transaction,
    )
    await sql`create index commands_by_order on commands (rollout_order) where rollout_order is not null`.execute(
      transaction,
    )
  },
}

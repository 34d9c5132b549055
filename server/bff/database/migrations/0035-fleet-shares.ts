import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/**
 * The whole fleet counted as it changes, so that a page does not count it anew: docs/performance.md.
 *
 * A change of a host appends rows of -1 and +1, in its own transaction and whoever writes: two that change hosts of the same
 * state never wait for each other, and whoever reads the hosts of a moment reads their sum at that moment. Rows of the same words
 * are made one now and then (hosts/fleet-shares.ts, exposure/class-shares.ts).
 */
export const fleetShares: Migration = {
  id: '0035-fleet-shares',
  async up(transaction) {
    await sql`create table fleet_shares (
      state text not null,
      origin text not null,
      kernel_release text collate "C" not null,
      providers text[] not null,
      host_count bigint not null
    )`.execute(transaction)
    await sql`create function keep_fleet_shares() returns trigger language plpgsql as $$
      begin
        if tg_op = 'TRUNCATE' then
          delete from fleet_shares;
          return null;
        end if;
        if tg_op <> 'INSERT' then
          insert into fleet_shares values (old.state, old.origin, old.kernel_release, old.providers, -1);
        end if;
        if tg_op <> 'DELETE' then
          insert into fleet_shares values (new.state, new.origin, new.kernel_release, new.providers, 1);
        end if;
        return null;
      end $$`.execute(transaction)
    await sql`create trigger fleet_shares_of_hosts after insert or delete on hosts
      for each row execute function keep_fleet_shares()`.execute(transaction)
    /* Heartbeats name none of these columns, and most other messages change none of them. */
    await sql`create trigger fleet_shares_of_changes after update of state, origin, kernel_release, providers on hosts
      for each row when ((old.state, old.origin, old.kernel_release, old.providers)
        is distinct from (new.state, new.origin, new.kernel_release, new.providers))
      execute function keep_fleet_shares()`.execute(transaction)
    await sql`create trigger fleet_shares_of_none after truncate on hosts
      for each statement execute function keep_fleet_shares()`.execute(transaction)
    await sql`insert into fleet_shares
      select state, origin, kernel_release, providers, count(*) from hosts group by 1, 2, 3, 4`.execute(transaction)

    /* The same of the classes of exposure that hosts are in now. */
    await sql`create table exposure_class_shares (
      class_id text collate "C" not null,
      host_count bigint not null
    )`.execute(transaction)
    await sql`create function keep_exposure_class_shares() returns trigger language plpgsql as $$
      begin
        if tg_op = 'TRUNCATE' then
          delete from exposure_class_shares;
          return null;
        end if;
        if tg_op <> 'INSERT' and old.to_at is null then
          insert into exposure_class_shares values (old.class_id, -1);
        end if;
        if tg_op <> 'DELETE' and new.to_at is null then
          insert into exposure_class_shares values (new.class_id, 1);
        end if;
        return null;
      end $$`.execute(transaction)
    await sql`create trigger exposure_class_shares_of_periods after insert or delete or update of class_id, to_at
      on host_exposure for each row execute function keep_exposure_class_shares()`.execute(transaction)
    await sql`create trigger exposure_class_shares_of_none after truncate on host_exposure
      for each statement execute function keep_exposure_class_shares()`.execute(transaction)
    await sql`insert into exposure_class_shares
      select class_id, count(*) from host_exposure where to_at is null group by 1`.execute(transaction)
    /* With the time, so that the first host of a class is found too. */
    await sql`drop index host_exposure_by_class`.execute(transaction)
    await sql`create index host_exposure_by_class on host_exposure (class_id, from_at) where to_at is null`.execute(
      transaction,
    )

    /* Hosts of one state, the longest in it first. */
    await sql`create index hosts_of_state on hosts (state, state_since, name_sort, id)`.execute(transaction)

    /* Of the host, so that causes are grouped, and the first hosts of each named, without a look at every host. */
    await sql`alter table host_causes add column origin text, add column name_sort text collate "C"`.execute(
      transaction,
    )
    await sql`update host_causes set origin = hosts.origin, name_sort = hosts.name_sort
      from hosts where hosts.id = host_causes.host_id`.execute(transaction)
    await sql`alter table host_causes alter column origin set not null, alter column name_sort set not null`.execute(
      transaction,
    )
    await sql`drop index host_causes_by_key`.execute(transaction)
    await sql`create index host_causes_by_name on host_causes (key, state, name_sort, host_id)`.execute(transaction)
  },
}

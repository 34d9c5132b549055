import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/**
 * Events lie in four slots, filled one after the other and emptied whole (ADR 024). A slot follows from the id alone, so a
 * key in each makes ids unique in all. Whoever might use the table before may use it still: another backend may be at work.
 */
export const eventSlots: Migration = {
  id: '0037-event-slots',
  async up(transaction) {
    await sql`alter table events rename to events_before`.execute(transaction)
    await sql`alter sequence events_id_seq owned by none`.execute(transaction)
    await sql`create table events (
      id bigint not null default nextval('events_id_seq'),
      type text not null,
      host_id uuid,
      revision bigint not null,
      at timestamptz not null,
      user_id uuid,
      rollout_id uuid
    ) partition by list ((id / 100000 % 4))`.execute(transaction)
    for (let slot = 0; slot < 4; slot += 1) {
      const name = sql.table(`events_${slot}`)
      await sql`create table ${name} partition of events for values in (${sql.lit(slot)})`.execute(transaction)
      await sql`alter table ${name} add primary key (id)`.execute(transaction)
    }
    await sql`insert into events (id, type, host_id, revision, at, user_id, rollout_id)
      select id, type, host_id, revision, at, user_id, rollout_id from events_before`.execute(transaction)
    await sql`do $$ declare other record; begin
      for other in select distinct grantee::regrole as role from pg_class, aclexplode(relacl)
        where pg_class.oid = 'events_before'::regclass and grantee not in (0, relowner)
      loop execute format('grant select, insert, update, delete on events to %s', other.role); end loop;
    end $$`.execute(transaction)
    await sql`drop table events_before`.execute(transaction)
    await sql`alter sequence events_id_seq owned by events.id`.execute(transaction)
  },
}

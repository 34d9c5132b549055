import { sql } from 'kysely'
import { AUDIT_LOCK } from '../../audit/audit-lock.ts'
import type { Migration } from '../migration.ts'

/**
 * Makes the log append-only and the chain the database's own work (threat-model T30): whoever may insert gives an entry's
 * text, and its place and hash are found here, under one lock that is held until the commit. The link is that of
 * shared/domain/audit-chain.ts.
 */
export const auditChain: Migration = {
  id: '0012-audit-chain',
  async up(transaction) {
    await sql`alter table audit add column target_name text`.execute(transaction)
    await sql`create index audit_by_action on audit (action, sequence)`.execute(transaction)
    await sql`create index audit_by_target on audit (target_id, sequence)`.execute(transaction)
    await sql`create index audit_by_time on audit (at)`.execute(transaction)
    await sql`create function audit_link() returns trigger language plpgsql as $$
      declare
        last record;
      begin
        perform pg_advisory_xact_lock(${sql.lit(AUDIT_LOCK)});
        select sequence, hash into last from audit order by sequence desc limit 1;
        new.sequence := coalesce(last.sequence, 0) + 1;
        new.previous_hash := coalesce(last.hash, repeat('0', 64));
        new.hash := encode(sha256(convert_to(
          'rebootless audit' || chr(10) || new.sequence || chr(10) || new.previous_hash || chr(10) || new.entry, 'UTF8'
        )), 'hex');
        return new;
      end $$`.execute(transaction)
    await sql`create trigger audit_link before insert on audit
      for each row execute function audit_link()`.execute(transaction)

    await sql`create table audit_heads (
      sequence bigint primary key,
      hash text collate "C" not null,
      signed_at timestamptz not null,
      payload text not null,
      public_key text collate "C" not null,
      signature text collate "C" not null
    )`.execute(transaction)

    await sql`create function audit_refuse_change() returns trigger language plpgsql as $$
      begin
        raise exception 'the audit log is append-only: % on % refused', tg_op, tg_table_name
          using errcode = 'insufficient_privilege';
      end $$`.execute(transaction)
    for (const table of ['audit', 'audit_heads']) {
      await sql`create trigger ${sql.ref(`${table}_append_only`)} before update or delete or truncate on ${sql.table(table)}
        for each statement execute function audit_refuse_change()`.execute(transaction)
    }
  },
}

import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** Which hosts need a boot and why, as they tell it themselves; what of CVEs only a boot fixes; and when boots are planned. */
export const rebootDebt: Migration = {
  id: '0034-reboot-debt',
  async up(transaction) {
    await sql`create table host_reboot_debts (
      host_id uuid primary key references hosts on delete cascade,
      boot_id text collate "C",
      booted_at timestamptz,
      /* Words of the reasons below: those that nothing covers, and those that can wait. */
      needs text[] not null,
      can_wait text[] not null,
      reasons json not null,
      /* A day as text, 2026-11-27: it ends without the host saying so. */
      coverage_until text collate "C",
      coverage_provider text,
      offered_cves text[] not null
    )`.execute(transaction)
    await sql`alter table hosts add column reboot_print text collate "C"`.execute(transaction)
    /* Worst first. Without a print each class is judged again, which fills these and changes no verdict. */
    await sql`alter table exposure_classes
      add column disk_cves text[] not null default '{}',
      add column kernel_cves text[] not null default '{}'`.execute(transaction)
    await sql`update exposure_classes set print = null, judged_pass = null`.execute(transaction)
    /* A plan is closed and never changed otherwise; those of hosts that were removed stay. */
    await sql`create table reboot_plans (
      id uuid primary key,
      host_id uuid not null,
      host_name text not null,
      planned_on text collate "C" not null,
      owner text not null,
      reason text not null,
      set_by_name text not null,
      set_at timestamptz not null,
      /* The boot that is to end; null: it was not known. */
      boot_id text collate "C",
      ended_at timestamptz,
      ended text,
      ended_by_name text,
      check ((ended_at is null) = (ended is null))
    )`.execute(transaction)
    await sql`create unique index reboot_plans_now on reboot_plans (host_id) where ended_at is null`.execute(
      transaction,
    )
    await sql`create index reboot_plans_by_day on reboot_plans (planned_on)`.execute(transaction)
  },
}

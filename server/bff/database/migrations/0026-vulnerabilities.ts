import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/**
 * What feeds say of CVEs and livepatches, and which host was in which class of exposure from when to when. Rows are closed and never
 * changed otherwise, so that any past moment can be told as it was recorded. Hosts that were removed stay in it.
 */
export const vulnerabilities: Migration = {
  id: '0026-vulnerabilities',
  async up(transaction) {
    await sql`create table cve_feeds (
      id uuid primary key,
      name text not null unique,
      kind text not null,
      /* null: it ships with this program. */
      location text,
      every_minutes int,
      enabled boolean not null,
      created_by_name text not null,
      created_at timestamptz not null,
      read_at timestamptz,
      changed_at timestamptz,
      /* Of the last reading: how much was read, and what could not be. */
      outcome json,
      next_at timestamptz,
      claimed_until timestamptz
    )`.execute(transaction)
    await sql`create table cve_statements (
      id bigint generated always as identity primary key,
      feed_id uuid not null,
      feed_name text not null,
      feed_kind text not null,
      cve_id text collate "C" not null,
      kind text not null,
      /* Of the body, so that what was said before is not said again. */
      hash text collate "C" not null,
      body json not null,
      document text not null,
      published_on text,
      from_at timestamptz not null,
      to_at timestamptz
    )`.execute(transaction)
    await sql`create unique index cve_statements_now on cve_statements (feed_id, cve_id, kind, hash)
      where to_at is null`.execute(transaction)
    await sql`create index cve_statements_by_cve on cve_statements (cve_id)`.execute(transaction)
    await sql`create table livepatch_notices (
      id bigint generated always as identity primary key,
      feed_id uuid not null,
      feed_name text not null,
      feed_kind text not null,
      notice text collate "C" not null,
      hash text collate "C" not null,
      body json not null,
      document text not null,
      published_on text,
      from_at timestamptz not null,
      to_at timestamptz
    )`.execute(transaction)
    await sql`create index cve_statements_epss on cve_statements (cve_id) where kind = 'epss'`.execute(transaction)
    await sql`create function livepatch_notice_cves(body json) returns text[] immutable language sql
      as $$ select array(select json_array_elements_text(body -> 'cves')) $$`.execute(transaction)
    await sql`create index livepatch_notices_by_cve on livepatch_notices
      using gin (livepatch_notice_cves(body))`.execute(transaction)
    await sql`create unique index livepatch_notices_now on livepatch_notices (feed_id, notice)
      where to_at is null`.execute(transaction)

    await sql`create table exposure_classes (
      id text collate "C" primary key,
      facts json not null,
      first_seen_at timestamptz not null,
      /* By which pass it was judged last, and with what: the same print, the same verdicts. */
      judged_pass bigint,
      print text collate "C",
      /* Of the verdicts that hold, for lists of hosts. */
      exposed int not null default 0,
      known_exploited int not null default 0,
      worst text,
      /* Rises with each writing of its verdicts, over all classes. */
      version bigint not null default 0
    )`.execute(transaction)
    await sql`create index exposure_classes_by_version on exposure_classes (version)`.execute(transaction)
    await sql`create sequence exposure_versions`.execute(transaction)
    /* One row. All classes are due whose judged_pass is not this pass. */
    await sql`create table exposure_state (
      "only" boolean primary key default true check ("only"),
      pass bigint not null default 1,
      /* The last that all classes were judged by, and when that was. */
      judged_pass bigint,
      judged_at timestamptz,
      /* Of cve_facts, as classes have theirs. */
      facts_version bigint not null default 0,
      told_at timestamptz
    )`.execute(transaction)
    await sql`insert into exposure_state default values`.execute(transaction)
    /* What lists and summaries say of a CVE, as its feeds say it. */
    await sql`create table cve_facts (
      cve_id text collate "C" not null,
      from_at timestamptz not null,
      to_at timestamptz,
      title text,
      severity text not null,
      score double precision,
      scored_by text,
      published_on text,
      known_exploited_on text,
      rejected boolean not null,
      primary key (cve_id, from_at)
    )`.execute(transaction)
    await sql`create unique index cve_facts_now on cve_facts (cve_id) where to_at is null`.execute(transaction)
    /* Modules of which the catalogue says something else now: hosts that have them are derived anew. */
    await sql`create table exposure_stale_modules (
      id bigint generated always as identity primary key,
      name text not null
    )`.execute(transaction)
    /* The open row of host_exposure, so that an unchanged host is known without a look; null: none was written yet. */
    await sql`alter table hosts
      add column exposure_class text collate "C",
      add column exposure_doubted boolean not null default false,
      add column exposure_print text collate "C"`.execute(transaction)
    await sql`create table host_exposure (
      host_id uuid not null,
      from_at timestamptz not null,
      to_at timestamptz,
      class_id text collate "C" not null references exposure_classes,
      host_name text not null,
      origin text not null,
      labels jsonb not null,
      doubts json not null,
      read_at timestamptz,
      primary key (host_id, from_at)
    )`.execute(transaction)
    await sql`create unique index host_exposure_now on host_exposure (host_id) where to_at is null`.execute(transaction)
    await sql`create index host_exposure_by_class on host_exposure (class_id) where to_at is null`.execute(transaction)
    await sql`create index host_exposure_by_time on host_exposure (from_at, to_at)`.execute(transaction)
    await sql`create table exposure_verdicts (
      class_id text collate "C" not null references exposure_classes,
      cve_id text collate "C" not null,
      from_at timestamptz not null,
      to_at timestamptz,
      status text not null,
      rule text not null,
      body json not null,
      primary key (class_id, cve_id, from_at)
    )`.execute(transaction)
    await sql`create unique index exposure_verdicts_now on exposure_verdicts (class_id, cve_id)
      include (status, from_at)
      where to_at is null`.execute(transaction)
    await sql`create index exposure_verdicts_by_cve on exposure_verdicts (cve_id, class_id)`.execute(transaction)
  },
}

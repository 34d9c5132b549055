import { GAP_HOSTS_MAX } from '@rebootless/shared/contract/host-hours.ts'
import type { Labels } from '@rebootless/shared/contract/labels.ts'
import type { HostPeriod } from '@rebootless/shared/domain/host-hours/gaps-of-host.ts'
import type { FixDate, HostHourPart } from '@rebootless/shared/domain/host-hours/host-hour-words.ts'
import type { Span } from '@rebootless/shared/domain/host-hours/hours-by-day.ts'
import type { HostOrigin } from '@rebootless/shared/domain/words.ts'
import { type RawBuilder, sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { type AskedHosts, hostPeriodRows } from '../exposure/host-rows.ts'
import type { CataloguedFix } from './catalogued-fixes.ts'

export interface AskedPeriod {
  readonly cveId: string
  readonly hosts: Omit<AskedHosts, 'at'>
  /** Nothing that was recorded later counts. */
  readonly window: Span
}

export interface SpentRows {
  /** Sums over spans that begin or end on one day: shared/domain/host-hours/hours-by-day.ts. */
  readonly edges: readonly {
    readonly part: HostHourPart
    readonly fix: FixDate
    readonly day: number
    readonly net: number
    readonly left: number
  }[]
  /** When the first of the hosts was read. */
  readonly knownSince: number | null
  readonly exposedHosts: number
  readonly firstFixAt: number | null
  readonly lastFixAt: number | null
  readonly gapHostCount: number
  /** Those with the most milliseconds of gaps, most first. */
  readonly gapHosts: readonly { readonly id: string; readonly spent: number }[]
}

const milliseconds = (instant: RawBuilder<unknown>) => sql`round(date_part('epoch', ${instant}) * 1000)`

/** A host's own doubt, of rows named `hosts`. */
const IN_TRANSITION = sql<boolean>`hosts.doubts::jsonb @> '[{"doubt": "in_transition"}]'`

/** What the CVE was to each class, from when to when, as rows named by the caller: with the holes in which it was not judged. */
const classFindings = (cveId: string, until: Date): RawBuilder<unknown> => sql`
  verdicts as materialized (
    select class_id, from_at, least(to_at, ${until}::timestamptz) as to_at,
      case when status in ('exposed', 'fixed_on_disk') then 'open' when status = 'unknown' then 'unknown'
        when status = 'not_affected' then 'safe' else 'fixed' end as finding,
      (body ->> 'fixAvailableOn')::date::timestamp at time zone 'UTC' as dated_at,
      case when status <> 'unknown' and body ->> 'by' is not null and body ->> 'fixAvailableOn' is null then from_at end as named_at
    from exposure_verdicts where cve_id = ${cveId} and from_at < ${until}
  ), findings as materialized (
    select class_id, from_at, to_at, finding from verdicts
    union all
    select class_id, to_at, next_at, 'unjudged' from (
      select class_id, to_at, lead(from_at, 1, ${until}) over (partition by class_id order by from_at) as next_at from verdicts
    ) as judged where to_at < next_at
    union all
    select id, '-infinity', coalesce(first_at, ${until}), 'unjudged' from exposure_classes
    left join (select class_id, min(from_at) as first_at from verdicts group by class_id) as judged on class_id = id
  )`

/**
 * Since when a fix was available to a class is the earliest of: the day that a feed gives it, the moment since which one names it,
 * since which the catalogue has a module for this release that lists the CVE, and at which one was in effect on any of the hosts
 * with this kernel.
 *
 * Adds up what hosts spent on each part, in the database: the spans of ten thousand hosts over a year are half a million, their
 * edges a day and part some thousands.
 */
export const readSpent = async (
  reading: Transaction<DatabaseSchema>,
  { cveId, hosts, window }: AskedPeriod,
  modules: readonly CataloguedFix[],
): Promise<SpentRows> => {
  const [from, until] = [new Date(window.from), new Date(window.to)]
  const { rows } = await sql<SpentRows>`
    with ${classFindings(cveId, until)}, numbers as materialized (
      select class_id, row_number() over ()::int as number from findings group by class_id
    ), placed as materialized (
      select hosts.id, numbers.number, hosts.from_at, least(hosts.to_at, ${until}::timestamptz) as to_at,
        strpos(hosts.doubts::text, 'in_transition') > 0 and ${IN_TRANSITION} as in_transition
      from ${hostPeriodRows(hosts, until)} join numbers on numbers.class_id = hosts.class_id
    ), pieces as materialized (
      select placed.id, placed.number, finding, in_transition, greatest(placed.from_at, findings.from_at) as from_at,
        least(placed.to_at, findings.to_at) as to_at
      from placed join (select findings.*, number from findings join numbers using (class_id)) as findings
        on findings.number = placed.number and findings.from_at < placed.to_at and placed.from_at < findings.to_at
      where finding = 'fixed' or finding <> 'safe' and placed.to_at > ${from} and findings.to_at > ${from}
    ), in_effect as materialized (
      select id, number, min(from_at) as at from pieces where finding = 'fixed' group by id, number
    ), fixed as materialized (
      select id, min(at) as at from in_effect group by id
    ), kernels as materialized (
      select numbers.*, facts ->> 'release' as release, facts ->> 'architecture' as architecture
      from numbers join exposure_classes on exposure_classes.id = numbers.class_id
    ), seen as (
      select release, architecture, min(at) as at from in_effect join kernels using (number) group by release, architecture
    ), catalogued as (
      select release, min(at) as at
      from unnest(${modules.map(({ release }) => release)}::text[], ${modules.map(({ at }) => at)}::timestamptz[]) as module (release, at)
      group by release
    ), fixes as materialized (
      select number, least(dated_at, named_at, seen.at, catalogued.at) as at, dated_at,
        case when dated_at is not null then 'dated'
          when coalesce(named_at, seen.at, catalogued.at) is not null then 'undated' else 'none' end as fix
      from kernels
      left join (select class_id, min(dated_at) as dated_at, min(named_at) as named_at from verdicts group by class_id) as told
        using (class_id)
      left join seen using (release, architecture) left join catalogued using (release)
    ), parted as (
      select pieces.id, fixes.fix, fixes.dated_at, pieces.to_at,
        greatest(pieces.from_at, ${from}) as from_at,
        case when finding <> 'open' then finding when fixed.at <= pieces.from_at then 'gap'
          when in_transition then 'in_transition' else 'before_loaded' end as part,
        case when finding = 'open' and (fixed.at <= pieces.from_at) is not true then coalesce(fixes.at, pieces.to_at) end as fix_at
      from pieces join fixes using (number) left join fixed on fixed.id = pieces.id where finding <> 'fixed'
    ), spans as materialized (
      select id, part, fix, dated_at, ${milliseconds(sql`greatest(from_at, fix_at)`)} as from_ms, ${milliseconds(sql`to_at`)} as to_ms
      from parted where fix_at is null or fix_at < to_at
      union all
      select id, 'before_fix', fix, dated_at, ${milliseconds(sql`from_at`)}, ${milliseconds(sql`least(fix_at, to_at)`)}
      from parted where fix_at > from_at
    ), edges as (
      select part, fix, floor(edge.at / 86400000) as day, sum(edge.sign) as net,
        sum(edge.sign * ((floor(edge.at / 86400000) + 1) * 86400000 - edge.at)) as left
      from spans cross join lateral (values (from_ms, 1), (to_ms, -1)) as edge (at, sign)
      group by part, fix, day
    ), by_host as materialized (
      select id, min(dated_at) as first_fix, max(dated_at) as last_fix,
        coalesce(sum(to_ms - from_ms) filter (where part = 'gap'), 0) as gap
      from spans where part not in ('unknown', 'unjudged') group by id
    )
    select
      (select ${milliseconds(sql`min(from_at)`)} from placed) as "knownSince",
      (select coalesce(json_agg(edges), '[]') from edges) as edges,
      (select count(*) from by_host)::int as "exposedHosts",
      (select ${milliseconds(sql`min(first_fix)`)} from by_host) as "firstFixAt",
      (select ${milliseconds(sql`max(last_fix)`)} from by_host) as "lastFixAt",
      (select count(*) from by_host where gap > 0)::int as "gapHostCount",
      (select coalesce(json_agg(worst), '[]') from (
        select id, gap as spent from by_host where gap > 0 order by gap desc, id limit ${GAP_HOSTS_MAX}
      ) as worst) as "gapHosts"`.execute(reading)
  const [spent] = rows
  if (spent === undefined) throw new Error('a select without a from gives one row')
  return spent
}

interface HostPeriods {
  readonly name: string
  readonly origin: HostOrigin
  readonly labels: Labels
  readonly removed: boolean
  readonly periods: readonly HostPeriod[]
}

/** What the CVE was to each of a few hosts, in the words of the last of its rows. */
export const readPeriods = async (
  reading: Transaction<DatabaseSchema>,
  { cveId, hosts, window }: AskedPeriod,
  ids: readonly string[],
): Promise<ReadonlyMap<string, HostPeriods>> => {
  const until = new Date(window.to)
  const { rows } = await sql<Omit<HostPeriods, 'periods'> & { id: string; periods: HostPeriod[] }>`
    with ${classFindings(cveId, until)}, placed as materialized (
      select id, name, origin, labels, removed, class_id, from_at, least(to_at, ${until}::timestamptz) as to_at,
        ${IN_TRANSITION} as in_transition
      from ${hostPeriodRows(hosts, until)} where id = any(${[...ids]}::uuid[])
    ), periods as (
      select placed.*, findings.finding, greatest(placed.from_at, findings.from_at) as begins_at,
        least(placed.to_at, findings.to_at) as ends_at
      from placed join findings on findings.class_id = placed.class_id
        and findings.from_at < placed.to_at and placed.from_at < findings.to_at
    )
    select distinct on (placed.id) id, name, origin, labels, removed, (
      select json_agg(json_build_object(
        'from', ${milliseconds(sql`begins_at`)}, 'to', ${milliseconds(sql`ends_at`)},
        'finding', case finding when 'unjudged' then 'unknown' else finding end,
        'inTransition', in_transition
      ) order by begins_at) from periods where periods.id = placed.id
    ) as periods
    from placed order by id, from_at desc`.execute(reading)
  return new Map(rows.map(({ id, ...host }) => [id, host]))
}

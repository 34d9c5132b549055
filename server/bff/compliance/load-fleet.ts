import type { ExposureFacts } from '@rebootless/shared/contract/exposure.ts'
import type { Labels } from '@rebootless/shared/contract/labels.ts'
import type {
  ClassAtMoment,
  FleetAtMoment,
  HostAtMoment,
  OpenVerdict,
} from '@rebootless/shared/domain/compliance/fleet-at-moment.ts'
import { PACE_DAYS } from '@rebootless/shared/domain/compliance/forecast.ts'
import { type ComplianceWord, matchesHost } from '@rebootless/shared/domain/compliance/host-filter.ts'
import type { ClassRun } from '@rebootless/shared/domain/compliance/open-since.ts'
import type { Doubt, ExposureRule } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import type { HostOrigin } from '@rebootless/shared/domain/words.ts'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { exceptionsAt } from './exception-rows.ts'
import { inSlices } from './in-slices.ts'
import { loadCves } from './load-cves.ts'
import { loadFindings } from './load-findings.ts'
import { policyAt } from './policy-rows.ts'
import { millisecondsOf, standsAt } from './standing-rows.ts'

type Reading = Transaction<DatabaseSchema>

/** Rows that are asked for at once: the event loop has its turn between them. */
const HOSTS_AT_ONCE = 500
const CLASSES_AT_ONCE = 6

/**
 * All that compliance is reckoned from, as it was recorded at a moment, read in one snapshot of the database.
 * @param words of hosts only those that they hold; then without what was fixed before, which is of the whole fleet
 */
export const loadFleet = (
  database: Kysely<DatabaseSchema>,
  at: Date,
  words: readonly ComplianceWord[],
): Promise<FleetAtMoment> =>
  database
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (reading) => {
      const policy = await policyAt(reading, at)
      const exceptions = await exceptionsAt(reading, at)
      const rows = await loadHosts(reading, at, words)
      const classes = await loadClasses(reading, at, [...new Set(rows.map(({ class_id }) => class_id))])
      const open = new Set([...classes.values()].flatMap(({ verdicts }) => verdicts.map(({ cveId }) => cveId)))
      const runs = await loadRuns(reading, at, rows)
      const hosts: HostAtMoment[] = []
      await inSlices(rows, (row) => hosts.push(hostOf(row, classes.get(row.class_id), runs.get(row.host_id) ?? [])))
      return {
        ...{ at: at.getTime(), policy, exceptions, classes, hosts },
        cves: await loadCves(reading, at, [...open]),
        findings: await loadFindings(reading, at, classes, hosts),
        fixes: words.length > 0 ? [] : await loadFixes(reading, at),
      }
    })

interface HostRow {
  readonly host_id: string
  readonly class_id: string
  readonly host_name: string
  readonly origin: HostOrigin
  readonly labels: Labels
  readonly doubts: { doubt: Doubt }[]
  readonly read_at: number | null
}

const loadHosts = async (reading: Reading, at: Date, words: readonly ComplianceWord[]): Promise<HostRow[]> => {
  const all: HostRow[] = []
  const isOfClass = words.some(({ key }) => key === 'kernel' || key === 'arch')
  const ofClasses = isOfClass
    ? await sql<{ id: string; release: string; architecture: string }>`
        select id, facts ->> 'release' as release, facts ->> 'architecture' as architecture from exposure_classes`.execute(
        reading,
      )
    : { rows: [] }
  const places = new Map(ofClasses.rows.map((row) => [row.id, row]))
  const isWanted = ({ host_name: name, origin, labels, class_id }: HostRow) => {
    const { release = '', architecture = '' } = places.get(class_id) ?? {}
    return matchesHost(words, { name, origin, labels, release, architecture })
  }
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const { rows } = await sql<HostRow>`
      select host_id, class_id, host_name, origin, labels, doubts, extract(epoch from read_at)::float8 * 1000 as read_at
      from host_exposure where host_id > ${after} and ${standsAt(at)}
      order by host_id limit ${HOSTS_AT_ONCE}`.execute(reading)
    all.push(...rows.filter(isWanted))
    after = rows.at(-1)?.host_id ?? after
    if (rows.length < HOSTS_AT_ONCE) return all
  }
}

interface LoadedClass extends ClassAtMoment {
  readonly architecture: string
}

const loadClasses = async (reading: Reading, at: Date, ids: string[]): Promise<Map<string, LoadedClass>> => {
  const classes = new Map<string, LoadedClass>()
  for (let from = 0; from < ids.length; from += CLASSES_AT_ONCE) {
    const some = ids.slice(from, from + CLASSES_AT_ONCE)
    const { rows } = await sql<{ id: string; facts: ExposureFacts; judged: boolean }>`
      select id, facts, exists (
        select from exposure_verdicts where class_id = exposure_classes.id and from_at <= ${at}
      ) as judged from exposure_classes where id = any(${some})`.execute(reading)
    const verdicts = new Map<string, OpenVerdict[]>(some.map((id) => [id, []]))
    const open = await sql<{
      class_id: string
      cve_id: string
      status: OpenVerdict['status']
      rule: ExposureRule
      has_fix: boolean
      fix: string | null
    }>`
      select class_id, cve_id, status, rule, body ->> 'by' is not null as has_fix, body ->> 'fixAvailableOn' as fix
      from exposure_verdicts
      where class_id = any(${some}) and status in ('exposed', 'fixed_on_disk', 'unknown') and ${standsAt(at)}
      order by class_id, cve_id`.execute(reading)
    for (const { class_id, cve_id, status, rule, has_fix, fix } of open.rows) {
      const fixAvailableAt = millisecondsOf(fix)
      const hasFix = has_fix || fixAvailableAt !== null
      verdicts.get(class_id)?.push({ cveId: cve_id, status, rule, hasFix, fixAvailableAt })
    }
    for (const { id, facts, judged } of rows) {
      const { release, installedKernels, livepatches, architecture } = facts
      const kept = { release, installedKernels, livepatches }
      classes.set(id, { id, facts: kept, architecture, judged, verdicts: verdicts.get(id) ?? [] })
    }
  }
  return classes
}

const hostOf = (row: HostRow, of: LoadedClass | undefined, runs: readonly ClassRun[]): HostAtMoment => ({
  ...{ id: row.host_id, classId: row.class_id, name: row.host_name, origin: row.origin, labels: row.labels, runs },
  ...{ release: of?.facts.release ?? '', architecture: of?.architecture ?? '' },
  doubts: row.doubts.map(({ doubt }) => doubt),
  readAt: row.read_at,
})

/** Periods that differ in labels or doubts alone are one run. */
const loadRuns = async (reading: Reading, at: Date, hosts: readonly HostRow[]): Promise<Map<string, ClassRun[]>> => {
  const runs = new Map<string, ClassRun[]>(hosts.map(({ host_id }) => [host_id, []]))
  for (let from = 0; from < hosts.length; from += HOSTS_AT_ONCE) {
    const some = hosts.slice(from, from + HOSTS_AT_ONCE).map(({ host_id }) => host_id)
    const { rows } = await sql<{ host_id: string; class_id: string; from: number; to: number | null }>`
      with marked as (
        select host_id, class_id, from_at, to_at,
          class_id is distinct from lag(class_id) over (partition by host_id order by from_at) as begins
        from host_exposure where host_id = any(${some}::uuid[]) and from_at <= ${at}
      ), numbered as (
        select *, count(*) filter (where begins) over (partition by host_id order by from_at) as run from marked
      )
      select host_id, class_id, extract(epoch from min(from_at))::float8 * 1000 as from,
        case when bool_or(to_at is null or to_at > ${at}) then null
          else extract(epoch from max(to_at))::float8 * 1000 end as to
      from numbered group by host_id, run, class_id order by host_id, run`.execute(reading)
    for (const { host_id, class_id, from, to } of rows) {
      runs.get(host_id)?.push({ classId: class_id, from, to: to ?? Number.POSITIVE_INFINITY })
    }
  }
  return runs
}

/**
 * On which hosts something open was fixed: by a step to another class in which it is safe, or by a verdict that closed. Once a
 * host and day.
 */
const loadFixes = async (reading: Reading, at: Date): Promise<FleetAtMoment['fixes']> => {
  const since = new Date(at.getTime() - PACE_DAYS * 24 * 60 * 60_000)
  const { rows } = await sql<{ host_id: string; day: string }>`
    with steps as (
      select host_id, class_id, from_at,
        lag(class_id) over (partition by host_id order by from_at) as class_before
      from host_exposure where from_at <= ${at} and host_id in (
        select host_id from host_exposure where from_at > ${since} and from_at <= ${at}
      )
    ), changes as (
      select * from steps where from_at > ${since} and class_before is not null and class_before <> class_id
    ), pairs as (
      select class_before, class_id, min(from_at) as first_at from changes group by class_before, class_id
    ), fixing as (
      select class_before, class_id from pairs where exists (
        select from exposure_verdicts before join exposure_verdicts after using (cve_id)
        where before.class_id = pairs.class_before and after.class_id = pairs.class_id
          and before.status in ('exposed', 'fixed_on_disk') and after.status in ('fixed_by_kernel', 'fixed_by_livepatch', 'not_affected')
          and before.from_at <= first_at and (before.to_at is null or before.to_at >= first_at)
          and after.from_at <= ${at} and (after.to_at is null or after.to_at > ${at})
      )
    ), closed as (
      select class_id, to_at from exposure_verdicts gone
      where to_at > ${since} and to_at <= ${at} and status in ('exposed', 'fixed_on_disk') and exists (
        select from exposure_verdicts next
        where next.class_id = gone.class_id and next.cve_id = gone.cve_id and next.from_at = gone.to_at
          and next.status in ('fixed_by_kernel', 'fixed_by_livepatch', 'not_affected')
      )
    )
    select distinct host_id, to_char(from_at at time zone 'UTC', 'YYYY-MM-DD') as day
    from changes join fixing using (class_before, class_id)
    union
    select host_id, to_char(closed.to_at at time zone 'UTC', 'YYYY-MM-DD') as day
    from (select distinct class_id, to_at from closed) closed join host_exposure host on host.class_id = closed.class_id
      and host.from_at <= closed.to_at and (host.to_at is null or host.to_at > closed.to_at)
    order by 1, 2`.execute(reading)
  return rows.map(({ host_id, day }) => ({ hostId: host_id, day }))
}

import type { ClassRun } from '@rebootless/shared/domain/compliance/open-since.ts'
import type { Severity } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import {
  type ClassFindings,
  type CveSaid,
  createFixFinder,
  type FixPeriod,
} from '@rebootless/shared/domain/gains/live-fixes.ts'
import type { HostWithFixes } from '@rebootless/shared/domain/gains/reboots-avoided.ts'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { inSlices } from './in-slices.ts'
import type { Judgement } from './judgement.ts'
import { millisecondsOf } from './standing-rows.ts'

type Reading = Transaction<DatabaseSchema>

export interface HostGains extends HostWithFixes {
  /** Of the boot in which it was when it was read last. */
  readonly bootedAt: number | null
}

/** What gains are reckoned from: of the hosts that a judgement has, up to its moment. */
export interface LoadedGains {
  readonly at: number
  readonly hosts: ReadonlyMap<string, HostGains>
}

/** Rows that are read at once: the event loop has its turn between them. */
const CLASSES_AT_ONCE = 6

/** Reads what livepatches fixed on each host of a fleet, and when hosts booted, as it was recorded at the moment of a judgement. */
export const loadGains = async (
  database: Kysely<DatabaseSchema>,
  { fleet, hosts: judged }: Judgement,
  signal: AbortSignal,
): Promise<LoadedGains> => {
  const at = new Date(fleet.at)
  const classIds = [...new Set(judged.flatMap(({ host }) => host.runs.map(({ classId }) => classId)))]
  const { numbers, classes, said, releases, boots } = await database
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (reading) => {
      const cves = await livepatchedCves(reading, at, classIds)
      const numbers = new Map(cves.map((id, number) => [id, number]))
      return {
        numbers,
        classes: await loadFindings(reading, at, classIds, numbers),
        said: await loadSaid(reading, at, numbers),
        releases: await loadReleases(reading, classIds),
        boots: await loadBoots(reading, at),
      }
    })
  const hosts = new Map<string, HostGains>()
  const find = numbers.size === 0 ? () => [] : createFixFinder(classes, said)
  await inSlices(
    judged,
    ({ host: { id, runs } }) => {
      const { seen = [], bootedAt = null } = boots.get(id) ?? {}
      hosts.set(id, { fixes: find(runs), bootedAt, boots: [...seen, ...otherReleases(runs, releases)] })
    },
    signal,
  )
  return { at: fleet.at, hosts }
}

const livepatchedCves = async (reading: Reading, at: Date, classIds: readonly string[]): Promise<string[]> => {
  const { rows } = await sql<{ cve_id: string }>`
    select distinct cve_id from exposure_verdicts
    where class_id = any(${classIds}) and status = 'fixed_by_livepatch' and from_at <= ${at} order by cve_id`.execute(
    reading,
  )
  return rows.map(({ cve_id }) => cve_id)
}

const loadFindings = async (
  reading: Reading,
  at: Date,
  classIds: readonly string[],
  numbers: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, ClassFindings>> => {
  const classes = new Map<string, { periods: FixPeriod[][]; live: number[] }>()
  for (let from = 0; numbers.size > 0 && from < classIds.length; from += CLASSES_AT_ONCE) {
    const some = classIds.slice(from, from + CLASSES_AT_ONCE)
    const { rows } = await sql<{
      class_id: string
      cve_id: string
      finding: FixPeriod['finding']
      by: string | null
      fix: string | null
      from: number
      to: number | null
    }>`
      select class_id, cve_id, case when status in ('exposed', 'fixed_on_disk') then 'open'
          when status = 'fixed_by_livepatch' then 'live' when status = 'unknown' then 'unknown' else 'safe' end as finding,
        case when status = 'fixed_by_livepatch' then body ->> 'by' end as by,
        case when status in ('exposed', 'fixed_on_disk') then body ->> 'fixAvailableOn' end as fix,
        extract(epoch from from_at)::float8 * 1000 as from,
        case when to_at > ${at} then null else extract(epoch from to_at)::float8 * 1000 end as to
      from exposure_verdicts
      where class_id = any(${some}) and cve_id = any(${[...numbers.keys()]}) and from_at <= ${at}
      order by class_id, cve_id, from_at`.execute(reading)
    for (const { class_id, cve_id, finding, by, fix, from, to } of rows) {
      const number = numbers.get(cve_id) ?? 0
      const found = classes.get(class_id) ?? { periods: [], live: [] }
      classes.set(class_id, found)
      found.periods[number] ??= []
      found.periods[number].push({
        ...{ finding, by, from, to: to ?? Number.POSITIVE_INFINITY, fixAt: millisecondsOf(fix) },
      })
      if (finding === 'live' && found.live.at(-1) !== number) found.live.push(number)
    }
  }
  return classes
}

const loadSaid = async (
  reading: Reading,
  at: Date,
  numbers: ReadonlyMap<string, number>,
): Promise<readonly CveSaid[][]> => {
  const { rows } = await sql<{
    cve_id: string
    severity: Severity
    published_on: string | null
    from: number
    to: number | null
  }>`
    select cve_id, severity, published_on, extract(epoch from from_at)::float8 * 1000 as from,
      extract(epoch from to_at)::float8 * 1000 as to
    from cve_facts where cve_id = any(${[...numbers.keys()]}) and from_at <= ${at}
    order by cve_id, from_at`.execute(reading)
  const said: CveSaid[][] = []
  for (const { cve_id, severity, published_on, from, to } of rows) {
    const number = numbers.get(cve_id) ?? 0
    said[number] ??= []
    said[number].push({
      ...{ severity, publishedAt: millisecondsOf(published_on), from, to: to ?? Number.POSITIVE_INFINITY },
    })
  }
  return said
}

const loadReleases = async (
  reading: Reading,
  classIds: readonly string[],
): Promise<ReadonlyMap<string, string | null>> => {
  const { rows } = await sql<{ id: string; release: string | null }>`
    select id, facts ->> 'release' as release from exposure_classes where id = any(${classIds})`.execute(reading)
  return new Map(rows.map(({ id, release }) => [id, release]))
}

/** Boots by their ids as they were first seen, and the present boot by the host's own word. */
const loadBoots = async (
  reading: Reading,
  at: Date,
): Promise<ReadonlyMap<string, { seen: number[]; bootedAt: number | null }>> => {
  const { rows } = await sql<{ host_id: string; seen: number; own: boolean }>`
    select host_id, extract(epoch from first_seen_at)::float8 * 1000 as seen, false as own
    from host_boots where first_seen_at <= ${at}
    union all
    select host_id, extract(epoch from booted_at)::float8 * 1000, true
    from host_reboot_debts where booted_at <= ${at}`.execute(reading)
  const boots = new Map<string, { seen: number[]; bootedAt: number | null }>()
  for (const { host_id, seen, own } of rows) {
    const found = boots.get(host_id) ?? { seen: [], bootedAt: null }
    boots.set(host_id, found)
    found.seen.push(seen)
    if (own) found.bootedAt = seen
  }
  return boots
}

/** No kernel becomes another release without a boot; kept for as long as periods are. */
const otherReleases = (runs: readonly ClassRun[], releases: ReadonlyMap<string, string | null>): number[] =>
  runs.flatMap(({ classId, from }, index) => {
    const before = runs[index - 1]
    return before === undefined || releases.get(before.classId) === releases.get(classId) ? [] : [from]
  })

import type {
  ClassAtMoment,
  FleetAtMoment,
  HostAtMoment,
} from '@rebootless/shared/domain/compliance/fleet-at-moment.ts'
import type { Finding, FindingPeriod } from '@rebootless/shared/domain/compliance/open-since.ts'
import { sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

/** Rows that are read at once are as many as these have CVEs: the event loop has its turn between them. */
const CLASSES_AT_ONCE = 3

/** For each class, the classes in which hosts are now that were in it: of the CVEs of no others the past is asked. */
const presentsOf = (hosts: readonly HostAtMoment[]): Map<string, Set<string>> => {
  const presents = new Map<string, Set<string>>()
  for (const { runs, classId } of hosts) {
    for (const run of runs) {
      const known = presents.get(run.classId)
      if (known === undefined) presents.set(run.classId, new Set([classId]))
      else known.add(classId)
    }
  }
  return presents
}

/** What these CVEs were to the classes that hosts are in and were in, up to a moment. */
export const loadFindings = async (
  reading: Transaction<DatabaseSchema>,
  at: Date,
  classes: ReadonlyMap<string, ClassAtMoment>,
  hosts: readonly HostAtMoment[],
): Promise<FleetAtMoment['findings']> => {
  const asked = [...presentsOf(hosts)]
  const findings = new Map<string, Map<string, FindingPeriod[]>>(asked.map(([id]) => [id, new Map()]))
  for (let from = 0; from < asked.length; from += CLASSES_AT_ONCE) {
    const some = asked.slice(from, from + CLASSES_AT_ONCE)
    const presents = new Set(some.flatMap(([, ids]) => [...ids]))
    const cves = new Set([...presents].flatMap((id) => (classes.get(id)?.verdicts ?? []).map(({ cveId }) => cveId)))
    const { rows } = await sql<{ class_id: string; cve_id: string; finding: Finding; from: number; to: number | null }>`
      select class_id, cve_id, case when status in ('exposed', 'fixed_on_disk') then 'open'
          when status = 'unknown' then 'unknown' else 'safe' end as finding,
        extract(epoch from from_at)::float8 * 1000 as from,
        case when to_at > ${at} then null else extract(epoch from to_at)::float8 * 1000 end as to
      from exposure_verdicts
      where class_id = any(${some.map(([id]) => id)}) and cve_id = any(${[...cves]}) and from_at <= ${at}
      order by class_id, cve_id, from_at`.execute(reading)
    for (const { class_id, cve_id, finding, from, to } of rows) {
      const byCve = findings.get(class_id)
      const period = { finding, from, to: to ?? Number.POSITIVE_INFINITY }
      const periods = byCve?.get(cve_id)
      if (periods === undefined) byCve?.set(cve_id, [period])
      else periods.push(period)
    }
  }
  return findings
}

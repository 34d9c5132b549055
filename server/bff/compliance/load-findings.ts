import type {
  ClassAtMoment,
  FleetAtMoment,
  HostAtMoment,
} from '@rebootless/shared/domain/compliance/fleet-at-moment.ts'
import type { Finding, FindingPeriod } from '@rebootless/shared/domain/compliance/open-since.ts'
import { sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

const CLASSES_AT_ONCE = 10

/** The CVEs that are not safe now on some host that was in a class, by class: of no others the past is asked. */
const askedOf = (
  classes: ReadonlyMap<string, ClassAtMoment>,
  hosts: readonly HostAtMoment[],
): Map<string, Set<string>> => {
  const later = new Map<string, Set<string>>()
  for (const { runs, classId } of hosts) {
    for (const run of runs) {
      const presents = later.get(run.classId)
      if (presents === undefined) later.set(run.classId, new Set([classId]))
      else presents.add(classId)
    }
  }
  return new Map(
    [...later].map(([id, presents]) => [
      id,
      new Set([...presents].flatMap((present) => (classes.get(present)?.verdicts ?? []).map(({ cveId }) => cveId))),
    ]),
  )
}

/** What these CVEs were to the classes that hosts are in and were in, up to a moment. */
export const loadFindings = async (
  reading: Transaction<DatabaseSchema>,
  at: Date,
  classes: ReadonlyMap<string, ClassAtMoment>,
  hosts: readonly HostAtMoment[],
): Promise<FleetAtMoment['findings']> => {
  const asked = [...askedOf(classes, hosts)]
  const findings = new Map<string, Map<string, FindingPeriod[]>>(asked.map(([id]) => [id, new Map()]))
  for (let from = 0; from < asked.length; from += CLASSES_AT_ONCE) {
    const some = asked.slice(from, from + CLASSES_AT_ONCE)
    const cves = new Set(some.flatMap(([, ids]) => [...ids]))
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

import type { VerdictStatus } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { type ClassPeriod, sameSince, type VerdictPeriod } from './same-since.ts'

/** Periods of hosts, and of each one's CVEs over the classes of these periods, up to a moment. */
export interface HostHistory {
  since(hostId: string, cveId: string, status: VerdictStatus): Date | null
}

export const readHostHistory = async (
  database: Kysely<DatabaseSchema>,
  /** By host. */
  cves: ReadonlyMap<string, readonly string[]>,
  asOf: Date,
): Promise<HostHistory> => {
  const periods = await readPeriods(database, [...cves.keys()], asOf)
  const asked = new Map<string, Set<string>>()
  for (const [hostId, some] of periods) {
    for (const { classId } of some) {
      const known = asked.get(classId) ?? new Set()
      asked.set(classId, known)
      for (const cve of cves.get(hostId) ?? []) known.add(cve)
    }
  }
  const verdicts = await readVerdicts(database, asked, asOf)
  return {
    since: (hostId, cveId, status) =>
      sameSince(status, periods.get(hostId) ?? [], (classId) => verdicts.get(`${classId} ${cveId}`) ?? []),
  }
}

/** Periods of one class one after the other, as those of other doubts or labels, are one. */
const readPeriods = async (
  database: Kysely<DatabaseSchema>,
  hostIds: readonly string[],
  asOf: Date,
): Promise<ReadonlyMap<string, ClassPeriod[]>> => {
  const found = new Map<string, ClassPeriod[]>()
  if (hostIds.length === 0) return found
  const { rows } = await sql<{ host_id: string; class_id: string; from_at: Date; to_at: Date | null }>`
    select host_id, class_id, min(from_at) as from_at,
      case when bool_or(to_at is null) then null else max(to_at) end as to_at
    from (
      select *, sum(case when class_id = before then 0 else 1 end) over (partition by host_id order by from_at) as run
      from (
        select host_id, class_id, from_at, to_at, lag(class_id) over (partition by host_id order by from_at) as before
        from host_exposure where host_id = any(${[...hostIds]}::uuid[]) and from_at <= ${asOf}
      ) as period
    ) as period
    group by host_id, run, class_id order by host_id, min(from_at)`.execute(database)
  for (const { host_id, class_id: classId, from_at: fromAt, to_at: toAt } of rows)
    addTo(found, host_id, { classId, fromAt, toAt })
  return found
}

const readVerdicts = async (
  database: Kysely<DatabaseSchema>,
  asked: ReadonlyMap<string, ReadonlySet<string>>,
  asOf: Date,
): Promise<ReadonlyMap<string, VerdictPeriod[]>> => {
  const found = new Map<string, VerdictPeriod[]>()
  const pairs = [...asked].flatMap(([classId, cves]) => [...cves].map((cve) => [classId, cve] as const))
  if (pairs.length === 0) return found
  const { rows } = await sql<{
    class_id: string
    cve_id: string
    status: VerdictStatus
    from_at: Date
    to_at: Date | null
  }>`
    select class_id, cve_id, status, from_at, to_at
    from unnest(${pairs.map(([classId]) => classId)}::text[], ${pairs.map(([, cve]) => cve)}::text[]) as asked (class_id, cve_id)
    join exposure_verdicts using (class_id, cve_id)
    where from_at <= ${asOf} order by from_at`.execute(database)
  for (const { class_id, cve_id, status, from_at: fromAt, to_at: toAt } of rows)
    addTo(found, `${class_id} ${cve_id}`, { status, fromAt, toAt })
  return found
}

const addTo = <Value>(lists: Map<string, Value[]>, key: string, value: Value): void => {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}

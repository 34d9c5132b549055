import type { VerdictStatus } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { type ClassPeriod, sameSince, type VerdictPeriod } from './same-since.ts'

/** Periods of some hosts, and of some CVEs over the classes of these periods, up to a moment. */
export interface HostHistory {
  since(hostId: string, cveId: string, status: VerdictStatus): Date | null
}

export const readHostHistory = async (
  database: Kysely<DatabaseSchema>,
  hostIds: readonly string[],
  cveIds: readonly string[],
  asOf: Date,
): Promise<HostHistory> => {
  const periods = await readPeriods(database, hostIds, asOf)
  const classIds = [...new Set([...periods.values()].flatMap((some) => some.map(({ classId }) => classId)))]
  const verdicts = await readVerdicts(database, classIds, cveIds, asOf)
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
  classIds: readonly string[],
  cveIds: readonly string[],
  asOf: Date,
): Promise<ReadonlyMap<string, VerdictPeriod[]>> => {
  const found = new Map<string, VerdictPeriod[]>()
  if (classIds.length === 0 || cveIds.length === 0) return found
  const rows = await database
    .selectFrom('exposure_verdicts')
    .select(['class_id', 'cve_id', 'status', 'from_at', 'to_at'])
    .where('class_id', 'in', classIds)
    .where('cve_id', 'in', cveIds)
    .where('from_at', '<=', asOf)
    .orderBy('from_at')
    .execute()
  for (const { class_id, cve_id, status, from_at: fromAt, to_at: toAt } of rows)
    addTo(found, `${class_id} ${cve_id}`, { status, fromAt, toAt })
  return found
}

const addTo = <Value>(lists: Map<string, Value[]>, key: string, value: Value): void => {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}

import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { ClassHosts } from './host-rows.ts'

/** How many hosts of the whole fleet are in each class now, from what triggers keep (migration 0035-fleet-shares). */
export const readClassShares = async (database: Kysely<DatabaseSchema>): Promise<ClassHosts[]> => {
  const { rows } = await sql<{ class_id: string; count: string; since: Date }>`
    select class_id, count, since from (
      select class_id, sum(host_count) as count from exposure_class_shares group by class_id having sum(host_count) > 0
    ) as shares cross join lateral (
      select min(from_at) as since from host_exposure where class_id = shares.class_id and to_at is null
    ) as first`.execute(database)
  return rows.map(({ class_id: classId, count, since }) => ({ classId, count: Number(count), since }))
}

/** As `foldShares` of the fleet's. */
export const foldClassShares = async (database: Kysely<DatabaseSchema>): Promise<void> => {
  await sql`
    with repeated as (
      select class_id from exposure_class_shares group by class_id having count(*) > 1
    ), gone as (
      delete from exposure_class_shares using repeated where exposure_class_shares.class_id = repeated.class_id
      returning exposure_class_shares.*
    )
    insert into exposure_class_shares
    select class_id, sum(host_count) from gone group by class_id having sum(host_count) <> 0`.execute(database)
}

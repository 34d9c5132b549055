import { parseFilter } from '@rebootless/shared/domain/filter.ts'
import type { HostOrigin, HostState } from '@rebootless/shared/domain/words.ts'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from './host-scope.ts'

/** So many hosts have these words. */
export interface FleetShare {
  readonly state: HostState
  readonly origin: HostOrigin
  readonly kernelRelease: string
  readonly providers: readonly string[]
  readonly hosts: number
}

/** Of the whole fleet from what triggers keep (migration 0035-fleet-shares), of a part of it by counting. */
export const selectShares = async (database: Kysely<DatabaseSchema>, scope: HostScope): Promise<FleetShare[]> => {
  const counted =
    scope.text === null
      ? sql`sum(host_count) as hosts from fleet_shares`
      : sql`count(*) as hosts from hosts where ${scope.condition}`
  const { rows } = await sql<Omit<FleetShare, 'hosts'> & { hosts: string }>`
    select state, origin, kernel_release as "kernelRelease", providers, ${counted} group by 1, 2, 3, 4`.execute(
    database,
  )
  return rows.map((row) => ({ ...row, hosts: Number(row.hosts) })).filter(({ hosts }) => hosts > 0)
}

const COUNTED_WORDS: readonly string[] = ['state', 'origin', 'kernel', 'provider']

/** Whether shares tell how many hosts of this scope a filter finds. */
export const isCounted = (scope: HostScope, filter: string): boolean => {
  const parsed = parseFilter(filter)
  return scope.text === null && parsed.ok && parsed.words.every(({ key }) => COUNTED_WORDS.includes(key))
}

/** How many hosts the conditions of a counted filter hold of. */
export const countByShares = async (
  database: Kysely<DatabaseSchema>,
  conditions: readonly RawBuilder<boolean>[],
): Promise<number> => {
  const all = sql.join([sql`true`, ...conditions], sql` and `)
  const { rows } = await sql<{ total: string }>`
    select coalesce(sum(host_count), 0) as total from fleet_shares as hosts where ${all}`.execute(database)
  return Number(rows[0]?.total ?? 0)
}

/**
 * Makes one row of those of the same words, and none where their sum is nothing. What others append meanwhile stays beside it; two
 * at once fold what each of them removes.
 */
export const foldShares = async (database: Kysely<DatabaseSchema>): Promise<void> => {
  await sql`
    with repeated as (
      select state, origin, kernel_release, providers from fleet_shares group by 1, 2, 3, 4 having count(*) > 1
    ), gone as (
      delete from fleet_shares using repeated
      where (fleet_shares.state, fleet_shares.origin, fleet_shares.kernel_release, fleet_shares.providers)
        = (repeated.state, repeated.origin, repeated.kernel_release, repeated.providers)
      returning fleet_shares.*
    )
    insert into fleet_shares
    select state, origin, kernel_release, providers, sum(host_count) from gone
    group by 1, 2, 3, 4 having sum(host_count) <> 0`.execute(database)
}

import type { FleetCause, FleetSummary } from '@rebootless/shared/contract/fleet.ts'
import type { HostOrigin, HostState } from '@rebootless/shared/domain/words.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { SUMMARY_COLUMNS, SUMMARY_EXPOSURE, type SummaryRow } from '../hosts/host-summary.ts'

const KERNELS_MAX = 50
const CAUSES_MAX = 50
const HOSTS_OF_CAUSE_MAX = 20
const UNDER_WAY_MAX = 12

interface Counted {
  state: HostState | null
  origin: HostOrigin | null
  kernel_release: string | null
  count: string
}

/** Hosts by state, by origin and by kernel, in one pass over the table. */
export const selectCounts = async (database: Kysely<DatabaseSchema>, scope: HostScope): Promise<Counted[]> => {
  const result = await sql<Counted>`select state, origin, kernel_release, count(*)::text as count
    from hosts where ${scope.condition} group by grouping sets ((state), (origin), (kernel_release))`.execute(database)
  return result.rows
}

export const selectProviders = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
): Promise<FleetSummary['byProvider']> => {
  const result = await sql<{ provider: string; count: number }>`select provider, count(*)::int as count
    from hosts, unnest(providers) as provider where ${scope.condition} group by provider order by count desc, provider limit 32`.execute(
    database,
  )
  return result.rows
}

export const topKernels = (counts: readonly Counted[]): FleetSummary['byKernel'] =>
  counts
    .flatMap(({ kernel_release, count }) =>
      kernel_release === null || kernel_release === '' ? [] : [{ kernelRelease: kernel_release, count: Number(count) }],
    )
    .sort((left, right) => right.count - left.count || (left.kernelRelease < right.kernelRelease ? -1 : 1))
    .slice(0, KERNELS_MAX)

export const selectTransitions = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
): Promise<{ hosts: number; total: number; remaining: number; stalled: Date | null }> =>
  await database
    .selectFrom('hosts')
    .where(scope.condition)
    .where('transition', 'is not', null)
    .where('state', 'in', ['patching', 'unpatching', 'stalled', 'forced', 'failed'])
    .select([
      sql<number>`count(*)::int`.as('hosts'),
      sql<number>`coalesce(sum(tasks_total), 0)::float8`.as('total'),
      sql<number>`coalesce(sum(tasks_remaining), 0)::float8`.as('remaining'),
      sql<Date | null>`min(state_since) filter (where state = 'stalled')`.as('stalled'),
    ])
    .executeTakeFirstOrThrow()

/** The most urgent transitions first: those that hold, then those with most tasks to go. */
export const selectUnderWay = (database: Kysely<DatabaseSchema>, scope: HostScope): Promise<SummaryRow[]> =>
  database
    .selectFrom('hosts')
    .select(SUMMARY_COLUMNS)
    .select(SUMMARY_EXPOSURE)
    .where(scope.condition)
    .where('transition', 'is not', null)
    .where('state', 'in', ['patching', 'unpatching', 'stalled', 'forced', 'failed'])
    .orderBy('state_rank')
    .orderBy('tasks_remaining', 'desc')
    .orderBy('id')
    .limit(UNDER_WAY_MAX)
    .execute()

interface CauseRow {
  key: string
  state: HostState
  title: string
  explanation: string
  filter: string
  since: Date
  host_count: number
  hosts: { id: string; name: string; origin: HostOrigin }[]
  origins: HostOrigin[]
}

/** What needs someone: most urgent state first, then most hosts. */
export const selectCauses = async (database: Kysely<DatabaseSchema>, scope: HostScope): Promise<FleetCause[]> => {
  const result = await sql<CauseRow>`
    with causes as (
      select key, host_causes.state, min(host_causes.state_rank) as state_rank, min(title) as title, min(explanation) as explanation,
        min(filter) as filter, min(since) as since, count(*)::int as host_count,
        array_agg(distinct hosts.origin order by hosts.origin) as origins
      from host_causes join hosts on hosts.id = host_causes.host_id
      where ${scope.condition} group by key, host_causes.state
      order by min(host_causes.state_rank), count(*) desc, key limit ${CAUSES_MAX}
    )
    select causes.*, named.hosts from causes
    cross join lateral (
      select json_agg(json_build_object('id', picked.id, 'name', picked.name, 'origin', picked.origin)) as hosts from (
        select hosts.id, hosts.name, hosts.origin from host_causes join hosts on hosts.id = host_causes.host_id
        where host_causes.key = causes.key and host_causes.state = causes.state and ${scope.condition}
        order by hosts.name_sort, hosts.id limit ${HOSTS_OF_CAUSE_MAX}
      ) as picked
    ) as named
    order by causes.state_rank, causes.host_count desc, causes.key`.execute(database)
  return result.rows.map(({ host_count, since, key, state, title, explanation, filter, hosts, origins }) => ({
    ...{ key, state, title, explanation, filter, hosts, origins },
    since: since.toISOString(),
    hostCount: host_count,
  }))
}

/** The newest event; with the same one the fleet is the same, but for silences that the sweeper has yet to see. */
export const selectNewestEvent = async (database: Kysely<DatabaseSchema>): Promise<string> => {
  const row = await database.selectFrom('events').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst()
  return row?.id ?? '0'
}

import type { FleetCause } from '@rebootless/shared/contract/fleet.ts'
import type { HostOrigin, HostState } from '@rebootless/shared/domain/words.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { SUMMARY_COLUMNS, SUMMARY_EXPOSURE, type SummaryRow } from '../hosts/host-summary.ts'

const CAUSES_MAX = 50
const HOSTS_OF_CAUSE_MAX = 20
const UNDER_WAY_MAX = 12

/** In one of these a transition may run. */
const IN_TRANSITION = ['patching', 'unpatching', 'stalled', 'forced', 'failed'] as const satisfies HostState[]

export const selectTransitions = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
): Promise<{ hosts: number; total: number; remaining: number; stalled: Date | null }> =>
  await database
    .selectFrom('hosts')
    .where(scope.condition)
    .where('transition', 'is not', null)
    .where('state', 'in', [...IN_TRANSITION])
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
    .where('state', 'in', [...IN_TRANSITION])
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

/** What needs someone: most urgent state first, then most hosts. The whole fleet's are grouped without a look at its hosts. */
export const selectCauses = async (database: Kysely<DatabaseSchema>, scope: HostScope): Promise<FleetCause[]> => {
  const inScope =
    scope.text === null
      ? sql`host_causes`
      : sql`host_causes join hosts on hosts.id = host_causes.host_id and ${scope.condition}`
  const result = await sql<CauseRow>`
    with by_origin as (
      select key, host_causes.state, host_causes.origin, min(host_causes.state_rank) as state_rank,
        min(title collate "C") as title, min(explanation collate "C") as explanation, min(filter collate "C") as filter,
        min(since) as since, count(*) as host_count
      from ${inScope} group by key, host_causes.state, host_causes.origin
    ), causes as (
      select key, state, min(state_rank) as state_rank, min(title) as title, min(explanation) as explanation,
        min(filter) as filter, min(since) as since, sum(host_count)::int as host_count,
        array_agg(origin order by origin) as origins
      from by_origin group by key, state
      order by min(state_rank), sum(host_count) desc, key limit ${CAUSES_MAX}
    )
    select causes.*, named.hosts from causes
    cross join lateral (
      select json_agg(json_build_object('id', picked.id, 'name', picked.name, 'origin', picked.origin)
        order by picked.name_sort, picked.id) as hosts
      from (
        select hosts.id, hosts.name, hosts.origin, hosts.name_sort from (
          select host_id from ${inScope} where key = causes.key and host_causes.state = causes.state
          order by host_causes.name_sort, host_id limit ${HOSTS_OF_CAUSE_MAX}
        ) as first join hosts on hosts.id = first.host_id
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

import type { RebootDay, RebootDays, RebootDaysQuery } from '@rebootless/shared/contract/reboot-debt.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { filterConditions } from '../hosts/filter-sql.ts'
import type { HostScope } from '../hosts/host-scope.ts'

interface Row {
  readonly day: string
  readonly open: string
  readonly done: string
  readonly ends: string
}

/** Days with plans or ends of coverage on them. Of hosts that were removed nothing is told. @throws DomainError `filter_invalid` */
export const readDays = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  { filter, from, to }: RebootDaysQuery,
  now: Date,
): Promise<RebootDays> => {
  const today = now.toISOString().slice(0, 10)
  const hosts = sql`(
    select hosts.id from hosts where ${sql.join([scope.condition, ...filterConditions(filter)], sql` and `)}
  ) as hosts`
  const [{ rows }, { rows: late }] = await Promise.all([
    sql<Row>`
      select day, sum(open) as open, sum(done) as done, sum(ends) as ends from (
        select planned_on as day, (ended_at is null)::int as open, (ended_at is not null)::int as done, 0 as ends
        from reboot_plans join ${hosts} on hosts.id = host_id
        where planned_on between ${from} and ${to} and (ended is null or ended = 'done')
        union all
        select coverage_until, 0, 0, 1 from host_reboot_debts join ${hosts} on hosts.id = host_id
        where coverage_until between ${from} and ${to}
      ) as entry group by day order by day`.execute(database),
    sql<{ overdue: string }>`
      select count(*) as overdue from reboot_plans join ${hosts} on hosts.id = host_id
      where ended_at is null and planned_on < ${today}`.execute(database),
  ])
  return {
    days: rows.map(
      ({ day, open, done, ends }): RebootDay => ({
        ...{ day, open: Number(open), done: Number(done), coverageEnds: Number(ends) },
      }),
    ),
    ...{ overdue: Number(late[0]?.overdue ?? 0), today, asOf: now.toISOString() },
  }
}

import type {
  AlertCounts,
  AlertDetail,
  AlertGroup,
  AlertLastTime,
  AlertList,
  AlertListQuery,
  AlertTimelineEntry,
} from '@rebootless/shared/contract/alerts.ts'
import { alertSentence } from '@rebootless/shared/domain/alerts/alert-message.ts'
import { ALERT_SEVERITIES } from '@rebootless/shared/domain/alerts/alert-words.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { decodeCursor, encodeCursor } from '../hosts/cursor.ts'
import { type HostScope, WHOLE_FLEET } from '../hosts/host-scope.ts'
import { type AlertRow, acknowledgementOf } from './alert-rows.ts'
import { hostsCondition } from './hosts-held.ts'
import { RUNBOOKS } from './runbook-texts.ts'
import { alertNotFound, hasHost, MEMBER_TOLD, visible } from './visible.ts'

type Db = Kysely<DatabaseSchema>

const HOSTS_SHOWN = 20
const MEMBERS_SHOWN = 1_000

interface Members {
  readonly count: number
  readonly hosts: { id: string; name: string }[]
  readonly labels: Record<string, string>
}

/** Of each group the hosts that the scope holds: how many, the first of them, and what labels all have. */
const readMembers = async (database: Db, scope: HostScope, ids: readonly string[]): Promise<Map<string, Members>> => {
  const { rows } = await sql<{ group_id: string } & Members>`
    with shown as materialized (
      select member.group_id, member.host_id, coalesce(hosts.name, member.host_name) as name, member.since,
        coalesce(hosts.labels, '{}'::jsonb) as labels
      from alert_members as member join alert_groups on alert_groups.id = member.group_id
      left join hosts on hosts.id = member.host_id
      where member.group_id = any(${[...ids]}::uuid[]) and ${MEMBER_TOLD}
        and ${scope.text === null ? sql<boolean>`true` : sql<boolean>`coalesce(${scope.condition}, false)`}
    ), counts as (
      select group_id, count(*)::int as count from shown group by group_id
    ), common as (
      select group_id, jsonb_object_agg(key, value) as labels from (
        select shown.group_id, label.key, min(label.value) as value
        from shown join counts using (group_id), jsonb_each_text(shown.labels) as label
        group by shown.group_id, label.key, counts.count
        having count(*) = counts.count and min(label.value) = max(label.value)
      ) as each group by group_id
    )
    select counts.group_id, counts.count, coalesce(common.labels, '{}'::jsonb) as labels, (
      select json_agg(json_build_object('id', first.host_id, 'name', first.name) order by first.since, first.host_id)
      from (
        select host_id, name, since from shown where shown.group_id = counts.group_id
        order by since, host_id limit ${HOSTS_SHOWN}
      ) as first
    ) as hosts
    from counts left join common using (group_id)`.execute(database)
  return new Map(rows.map(({ group_id: id, ...members }) => [id, members]))
}

const NO_MEMBERS: Members = { count: 0, hosts: [], labels: {} }

const viewOf = (row: AlertRow, { count, hosts, labels }: Members): AlertGroup => ({
  ...{ id: row.id, rule: row.rule, severity: row.severity, status: row.phase, cause: row.cause, title: row.title },
  sentence: alertSentence(
    { detail: row.detail, isOver: row.resolved_at !== null },
    hosts.map(({ name }) => name),
    count,
  ),
  since: row.since.toISOString(),
  ...{ firedAt: row.fired_at?.toISOString() ?? null, resolvedAt: row.resolved_at?.toISOString() ?? null },
  ...{ acknowledged: acknowledgementOf(row), silencedUntil: row.silenced_until?.toISOString() ?? null },
  ...{ escalationLevel: row.escalation_level, hostCount: count, hosts, labels, path: row.path },
})

/** By urgency and then by time; those that are over by time alone. */
const RANK = sql<number>`case when resolved_at is not null then 0 else array_position(
  ${[...ALERT_SEVERITIES]}::text[], severity) end`
const TIME = sql<Date>`coalesce(resolved_at, fired_at, since)`

/** @throws DomainError `filter_invalid`, `cursor_invalid` */
export const listAlerts = async (
  database: Db,
  scope: HostScope,
  query: AlertListQuery,
  now: Date,
): Promise<AlertList> => {
  const { status, severity, rule, acknowledged, filter, from, to, limit, cursor } = query
  const conditions = [
    visible(scope),
    ...(filter.trim() === '' ? [] : [hasHost(scope, hostsCondition(filter))]),
    status === 'open'
      ? sql<boolean>`(resolved_at is null and fired_at is not null)`
      : sql<boolean>`(phase = ${status} and (resolved_at is not null) = ${status === 'resolved'})`,
    ...(severity === undefined ? [] : [sql<boolean>`severity = ${severity}`]),
    ...(rule === undefined ? [] : [sql<boolean>`rule = ${rule}`]),
    ...(acknowledged === undefined ? [] : [sql<boolean>`((acknowledged_at is not null) = ${acknowledged === 'true'})`]),
    ...(from === undefined ? [] : [sql<boolean>`coalesce(resolved_at, 'infinity') >= ${from}::timestamptz`]),
    ...(to === undefined ? [] : [sql<boolean>`since < ${to}::timestamptz`]),
  ]
  const asked = JSON.stringify([status, severity, rule, acknowledged, filter, from, to])
  const all = sql<boolean>`(${sql.join(conditions, sql` and `)})`
  const isKey = (key: readonly string[]) =>
    key.length === 3 &&
    /^\d$/.test(key[0] ?? '') &&
    !Number.isNaN(Date.parse(key[1] ?? '')) &&
    /^[0-9a-f-]{36}$/.test(key[2] ?? '')
  const [rank, time, id] = cursor === undefined ? [] : decodeCursor(asked, 'urgency', cursor, isKey)
  const after =
    rank === undefined
      ? sql<boolean>`true`
      : sql<boolean>`(${RANK} > ${Number(rank)} or (${RANK} = ${Number(rank)} and (${TIME} < ${time}::timestamptz
          or (${TIME} = ${time}::timestamptz and id > ${id}::uuid))))`
  const rows = await database
    .selectFrom('alert_groups')
    .selectAll()
    .select([RANK.as('rank'), TIME.as('time')])
    .where(all)
    .where(after)
    .orderBy(RANK)
    .orderBy(TIME, 'desc')
    .orderBy('id')
    .limit(limit + 1)
    .execute()
  const { total } = await database
    .selectFrom('alert_groups')
    .select(sql<number>`count(*)::int`.as('total'))
    .where(all)
    .executeTakeFirstOrThrow()
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  const members = await readMembers(
    database,
    scope,
    page.map((row) => row.id),
  )
  return {
    items: page.map((row) => viewOf(row, members.get(row.id) ?? NO_MEMBERS)),
    nextCursor:
      last === undefined ? null : encodeCursor(asked, 'urgency', [String(last.rank), last.time.toISOString(), last.id]),
    ...{ total, asOf: now.toISOString() },
  }
}

export const countAlerts = async (database: Db, scope: HostScope, now: Date): Promise<AlertCounts> => {
  const rows = await database
    .selectFrom('alert_groups')
    .select(['phase', 'severity', sql<number>`count(*)::int`.as('count')])
    .where('resolved_at', 'is', null)
    .where(visible(scope))
    .groupBy(['phase', 'severity'])
    .execute()
  const counts = { page: 0, ticket: 0, info: 0, acknowledged: 0, silenced: 0 }
  for (const { phase, severity, count } of rows) {
    if (phase === 'firing') counts[severity] += count
    if (phase === 'acknowledged' || phase === 'silenced') counts[phase] += count
  }
  return { ...counts, asOf: now.toISOString() }
}

/** Whoever sees but a part of its hosts is told no channel's name. */
const readTimeline = async (database: Db, scope: HostScope, id: string): Promise<AlertTimelineEntry[]> => {
  const rows = await database
    .selectFrom('alert_timeline')
    .selectAll()
    .where('group_id', '=', id)
    .orderBy('id')
    .limit(1_000)
    .execute()
  return rows.map(({ at, kind, by_name: by, text, channels }) => ({
    ...{ at: at.toISOString(), kind: kind as AlertTimelineEntry['kind'], by, text },
    channels: scope.text === null ? channels : [],
  }))
}

const readLastTime = async (database: Db, scope: HostScope, row: AlertRow): Promise<AlertLastTime | null> => {
  const last = await database
    .selectFrom('alert_groups')
    .selectAll()
    .where('rule', '=', row.rule)
    .where('cause', '=', row.cause)
    .where('id', '!=', row.id)
    .where('resolved_at', '<=', row.resolved_at ?? new Date(8.64e15))
    .where('since', '<=', row.since)
    .where(visible(scope))
    .orderBy('resolved_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (last === undefined || last.resolved_at === null) return null
  return {
    ...{ id: last.id, firedAt: last.fired_at?.toISOString() ?? null, resolvedAt: last.resolved_at.toISOString() },
    ...{ acknowledged: acknowledgementOf(last), done: last.done_note },
  }
}

/** @throws DomainError `alert_not_found` */
export const readAlert = async (database: Db, scope: HostScope, id: string, now: Date): Promise<AlertDetail> => {
  const row = await database
    .selectFrom('alert_groups')
    .selectAll()
    .where('id', '=', id)
    .where(visible(scope))
    .executeTakeFirst()
  if (row === undefined) throw alertNotFound()
  const members = (await readMembers(database, scope, [id])).get(id) ?? NO_MEMBERS
  const { rows } = await sql<{ id: string; name: string; since: Date; until: Date | null }>`
    select member.host_id as id, coalesce(hosts.name, member.host_name) as name, member.since, member.until
    from alert_members as member left join hosts on hosts.id = member.host_id
    where member.group_id = ${id}
      and ${scope.text === WHOLE_FLEET.text ? sql<boolean>`true` : sql<boolean>`coalesce(${scope.condition}, false)`}
    order by member.until nulls first, member.since, member.host_id
    limit ${MEMBERS_SHOWN}`.execute(database)
  return {
    ...viewOf(row, members),
    members: rows.map(({ since, until, ...host }) => ({
      ...{ ...host, since: since.toISOString(), until: until?.toISOString() ?? null },
    })),
    timeline: await readTimeline(database, scope, id),
    lastTime: await readLastTime(database, scope, row),
    ...{ done: row.done_note, runbook: RUNBOOKS[row.rule], asOf: now.toISOString() },
  }
}

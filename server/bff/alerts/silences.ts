import { randomUUID } from 'node:crypto'
import { type NewSilence, SILENCE_DAYS_MAX, type Silence } from '@rebootless/shared/contract/alerts.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { type Kysely, type Selectable, sql } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import { type Act, done } from '../commands/act.ts'
import type { AlertSilencesTable } from '../database/alert-tables.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { tellOf } from '../events/append-event.ts'
import { hostsCondition } from './hosts-held.ts'
import { notifyAlerts } from './notify.ts'

type Db = Kysely<DatabaseSchema>
type Row = Selectable<AlertSilencesTable>

const SILENCES_MAX = 200
const DAY_MS = 86_400_000

type RowWithGroups = Row & { readonly groups: number; readonly cause_title: string | null }

const viewOf = (row: RowWithGroups): Silence => ({
  id: row.id,
  matcher: { rule: row.rule, cause: row.cause, hosts: row.hosts },
  causeTitle: row.cause_title,
  ...{ reason: row.reason, createdBy: row.created_by_name, createdAt: row.created_at.toISOString() },
  endsAt: row.ends_at.toISOString(),
  ended:
    row.ended_at === null || row.ended_by_name === null
      ? null
      : { at: row.ended_at.toISOString(), by: row.ended_by_name },
  groups: row.groups,
})

/** Groups that are silent, and that its rule and cause match: whether by this one alone, its hosts would have to tell. */
const groups = sql<number>`(
  select count(*)::int from alert_groups
  where alert_groups.resolved_at is null and alert_groups.silenced_until >= alert_silences.ends_at
    and alert_silences.ended_at is null
    and alert_groups.rule = coalesce(alert_silences.rule, alert_groups.rule)
    and alert_groups.cause = coalesce(alert_silences.cause, alert_groups.cause)
)`.as('groups')

/** A cause is a key of its rule; people know it by what its alerts are called. */
const causeTitle = sql<string | null>`(
  select alert_groups.title from alert_groups
  where alert_groups.cause = alert_silences.cause and alert_groups.rule = coalesce(alert_silences.rule, alert_groups.rule)
  order by alert_groups.since desc limit 1
)`.as('cause_title')

/** Those that count, the first to end first; or those that are over, the newest first. */
export const listSilences = async (database: Db, ended: boolean, now: Date): Promise<Silence[]> => {
  const isOver = sql<boolean>`(ended_at is not null or ends_at <= ${now})`
  const rows = await database
    .selectFrom('alert_silences')
    .selectAll()
    .select([groups, causeTitle])
    .where(ended ? isOver : sql<boolean>`not ${isOver}`)
    .orderBy('ends_at', ended ? 'desc' : 'asc')
    .orderBy('id')
    .limit(SILENCES_MAX)
    .execute()
  return rows.map(viewOf)
}

const readSilence = async (database: Db, id: string): Promise<Silence> => {
  const row = await database
    .selectFrom('alert_silences')
    .selectAll()
    .select([groups, causeTitle])
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) throw silenceNotFound()
  return viewOf(row)
}

const silenceNotFound = () =>
  new DomainError('silence_not_found', 'There is no such silence: see the list of silences.')
const refused = (detail: string) => new DomainError('silence_refused', detail)
const targetOf = ({ id, reason }: { id: string; reason: string }) => ({
  kind: 'silence',
  id,
  name: reason.slice(0, 100),
})

/** @throws DomainError `silence_refused`, `filter_invalid` */
export const createSilence = (
  database: Db,
  { matcher, endsAt, reason }: NewSilence,
  who: Act & { readonly username: string },
): Promise<Silence> => {
  const ends = new Date(endsAt)
  const lasts = ends.getTime() - who.now.getTime()
  if (lasts <= 0) throw refused('This end is past.')
  if (lasts > SILENCE_DAYS_MAX * DAY_MS) throw refused(`A silence ends within ${SILENCE_DAYS_MAX} days.`)
  if (matcher.hosts !== null) hostsCondition(matcher.hosts)
  const id = randomUUID()
  return database.transaction().execute(async (transaction) => {
    const { count } = await transaction
      .selectFrom('alert_silences')
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .where('ended_at', 'is', null)
      .where('ends_at', '>', who.now)
      .executeTakeFirstOrThrow()
    if (Number(count) >= SILENCES_MAX) throw refused(`There are ${SILENCES_MAX} silences already: end one first.`)
    const { rule, cause, hosts } = matcher
    await transaction
      .insertInto('alert_silences')
      .values({
        ...{ id, rule, cause: cause === null ? null : databaseText(cause), reason: databaseText(reason) },
        hosts: hosts === null ? null : databaseText(hosts),
        ...{ created_by_name: who.username, created_at: who.now, ends_at: ends, ended_at: null, ended_by_name: null },
      })
      .execute()
    const after = { ...matcher, endsAt }
    await appendAudit(
      transaction,
      done(who, { action: 'silence.create', target: targetOf({ id, reason }), reason, after }),
    )
    await notifyAlerts(transaction)
    await tellOf(transaction, 'alerts', who.now)
    return readSilence(transaction, id)
  })
}

/** @throws DomainError `silence_not_found`, `silence_refused` */
export const endSilence = (
  database: Db,
  id: string,
  reason: string,
  who: Act & { readonly username: string },
): Promise<Silence> =>
  database.transaction().execute(async (transaction) => {
    const row = await transaction
      .selectFrom('alert_silences')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst()
    if (row === undefined) throw silenceNotFound()
    if (row.ended_at !== null || row.ends_at <= who.now) throw refused('This silence is over already.')
    await transaction
      .updateTable('alert_silences')
      .set({ ended_at: who.now, ended_by_name: who.username })
      .where('id', '=', id)
      .execute()
    await appendAudit(transaction, done(who, { action: 'silence.end', target: targetOf(row), reason }))
    await notifyAlerts(transaction)
    await tellOf(transaction, 'alerts', who.now)
    return readSilence(transaction, id)
  })

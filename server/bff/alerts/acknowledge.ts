import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Kysely, Transaction } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import { type Act, done } from '../commands/act.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { tellOf } from '../events/append-event.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import type { AlertRow } from './alert-rows.ts'
import { notifyAlerts } from './notify.ts'
import { alertNotFound, requireWhole } from './visible.ts'

type Db = Kysely<DatabaseSchema>
type Person = Act & { readonly username: string; readonly scope: HostScope }

const lockGroup = async (transaction: Transaction<DatabaseSchema>, id: string): Promise<AlertRow> => {
  const row = await transaction
    .selectFrom('alert_groups')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) throw alertNotFound()
  return row
}

const targetOf = ({ id, title }: AlertRow) => ({ kind: 'alert', id, name: title.slice(0, 200) })

/** The next step tells the channels. @throws DomainError `alert_not_found`, `alert_refused` */
export const acknowledge = (database: Db, id: string, note: string | null, who: Person): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    await requireWhole(transaction, who.scope, id)
    const row = await lockGroup(transaction, id)
    if (row.resolved_at !== null)
      throw new DomainError('alert_refused', 'It is over: write down what was done instead.')
    if (row.fired_at === null) throw new DomainError('alert_refused', 'It has not fired yet.')
    if (row.acknowledged_by !== null) {
      const whose = row.acknowledged_by === who.username ? 'You have' : `${row.acknowledged_by} has`
      const since = row.acknowledged_at?.toISOString().slice(0, 16).replace('T', ' ')
      throw new DomainError(
        'alert_refused',
        `${whose} it already, since ${since} UTC: write down what was done instead.`,
      )
    }
    const text = note === null ? null : databaseText(note)
    await transaction
      .updateTable('alert_groups')
      .set({
        ...{ acknowledged_by: who.username, acknowledged_at: who.now, acknowledged_note: text },
        phase: row.silenced_until === null ? 'acknowledged' : row.phase,
      })
      .where('id', '=', id)
      .execute()
    await transaction
      .insertInto('alert_timeline')
      .values({ group_id: id, at: who.now, kind: 'acknowledged', by_name: who.username, text, channels: [] })
      .execute()
    const after = { rule: row.rule, note }
    await appendAudit(transaction, done(who, { action: 'alert.acknowledge', target: targetOf(row), after }))
    await notifyAlerts(transaction)
    await tellOf(transaction, 'alerts', who.now)
  })

/** For whoever has the same cause before him next time. @throws DomainError `alert_not_found`, `alert_refused` */
export const writeNote = (database: Db, id: string, text: string, who: Person): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    await requireWhole(transaction, who.scope, id)
    const row = await lockGroup(transaction, id)
    await transaction
      .updateTable('alert_groups')
      .set({ done_note: databaseText(text) })
      .where('id', '=', id)
      .execute()
    await transaction
      .insertInto('alert_timeline')
      .values({
        ...{ group_id: id, at: who.now, kind: 'note', by_name: who.username, text: databaseText(text), channels: [] },
      })
      .execute()
    const after = { rule: row.rule, done: text }
    await appendAudit(transaction, done(who, { action: 'alert.note', target: targetOf(row), after }))
    await tellOf(transaction, 'alerts', who.now)
  })

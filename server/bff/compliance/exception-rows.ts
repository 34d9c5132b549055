import { randomUUID } from 'node:crypto'
import type {
  AskedException,
  ComplianceException,
  ExceptionListQuery,
  ExceptionSubject,
  NewException,
} from '@rebootless/shared/contract/compliance-policy.ts'
import { cveUnknownWarning } from '@rebootless/shared/domain/compliance/exception-warning.ts'
import {
  EXCEPTION_DAYS_MAX,
  type ExceptionInEffect,
  exceptionState,
  exceptionsInEffect,
} from '@rebootless/shared/domain/compliance/exceptions.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Kysely, Selectable, Transaction } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import { type Act, done } from '../commands/act.ts'
import type { ComplianceTables } from '../database/compliance-tables.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'

const DAY_MS = 24 * 60 * 60_000
/** What is listed holds as many. */
const OPEN_MAX = 500
const LISTED_MAX = 2_000

type Row = Selectable<ComplianceTables['compliance_exceptions']>
export type Person = Act & { readonly username: string; readonly userId: string; readonly role: string }

const subjectOf = ({ cve_id, severity }: Pick<Row, 'cve_id' | 'severity'>): ExceptionSubject =>
  cve_id === null ? { kind: 'severity', severity: severity ?? 'unknown' } : { kind: 'cve', cveId: cve_id }
const timesOf = (row: Row) => ({
  ...{ until: row.until.getTime(), approvedAt: row.approved_at?.getTime() ?? null },
  endedAt: row.ended_at?.getTime() ?? null,
})
const viewOf = (row: Row, now: Date): ComplianceException => ({
  ...{ id: row.id, subject: subjectOf(row), hosts: row.hosts, owner: row.owner, reason: row.reason },
  ...{ until: row.until.toISOString(), state: exceptionState(timesOf(row), now.getTime()) },
  ...{ requestedBy: row.requested_by_name, requestedAt: row.requested_at.toISOString() },
  ...{ approvedBy: row.approved_by_name, approvedAt: row.approved_at?.toISOString() ?? null },
  ...{ endedBy: row.ended_by_name, endedAt: row.ended_at?.toISOString() ?? null, endedReason: row.ended_reason },
})

/**
 * The exceptions that are in effect now, or were at a moment; `acceptedBy` of shared/domain/compliance/exceptions.ts tells which of
 * them accepts a CVE on a host.
 */
export const exceptionsAt = async (database: Kysely<DatabaseSchema>, at: Date): Promise<ExceptionInEffect[]> => {
  const rows = await database
    .selectFrom('compliance_exceptions')
    .selectAll()
    .where('approved_at', '<=', at)
    .where('until', '>', at)
    .orderBy('requested_at')
    .orderBy('id')
    .execute()
  const all = rows.map((row) => ({ id: row.id, subject: subjectOf(row), hosts: row.hosts, ...timesOf(row) }))
  return exceptionsInEffect(all, at.getTime())
}

/** Those that end first stand first. */
export const listExceptions = async (
  database: Kysely<DatabaseSchema>,
  { state, endingWithinDays }: ExceptionListQuery,
  now: Date,
): Promise<ComplianceException[]> => {
  const isOver = state === 'ended' || state === 'expired' || state === 'declined'
  const rows = await database
    .selectFrom('compliance_exceptions')
    .selectAll()
    .$if(!isOver, (query) => query.where('until', '>', now).where('ended_at', 'is', null))
    .orderBy('until', isOver ? 'desc' : 'asc')
    .orderBy('id')
    .limit(LISTED_MAX)
    .execute()
  const latest =
    endingWithinDays === undefined ? null : new Date(now.getTime() + endingWithinDays * DAY_MS).toISOString()
  return rows
    .map((row) => viewOf(row, now))
    .filter((one) => (state === 'open' ? !isOver : one.state === state))
    .filter((one) => latest === null || (one.state === 'in_effect' && one.until <= latest))
}

const refused = (detail: string) => new DomainError('action_refused', detail)
const target = ({ id, subject }: Pick<ComplianceException, 'id' | 'subject'>) => ({
  ...{ kind: 'exception', id, name: subject.kind === 'cve' ? subject.cveId : `severity ${subject.severity}` },
})

const isKnown = async (transaction: Transaction<DatabaseSchema>, cveId: string): Promise<boolean> =>
  (await transaction
    .selectFrom('cve_facts')
    .select('cve_id')
    .where('cve_id', '=', cveId)
    .where('to_at', 'is', null)
    .executeTakeFirst()) !== undefined

/** @throws DomainError `action_refused` */
export const requestException = (
  database: Kysely<DatabaseSchema>,
  { subject, hosts, owner, reason, until }: NewException,
  who: Person,
): Promise<AskedException> =>
  database.transaction().execute(async (transaction) => {
    const end = Date.parse(until)
    if (end <= who.now.getTime()) throw refused('An exception ends later than now: give another date.')
    if (end > who.now.getTime() + EXCEPTION_DAYS_MAX * DAY_MS) {
      throw refused('An exception lasts a year at most: give an earlier date, and ask again when it is over.')
    }
    const open = await listExceptions(transaction, { state: 'open' }, who.now)
    if (open.length >= OPEN_MAX) throw refused(`There are ${OPEN_MAX} exceptions already: end some first.`)
    const row = await transaction
      .insertInto('compliance_exceptions')
      .values({
        ...{ id: randomUUID(), hosts: databaseText(hosts), owner: databaseText(owner), reason: databaseText(reason) },
        ...{ cve_id: subject.kind === 'cve' ? subject.cveId : null, until: new Date(until) },
        severity: subject.kind === 'severity' ? subject.severity : null,
        ...{ requested_by_id: who.userId, requested_by_name: who.username, requested_at: who.now },
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    const made = viewOf(row, who.now)
    const after = { subject, hosts, owner, until }
    await appendAudit(transaction, done(who, { action: 'exception.request', target: target(made), reason, after }))
    const isUnknown = subject.kind === 'cve' && !(await isKnown(transaction, subject.cveId))
    return { ...made, warning: isUnknown ? cveUnknownWarning(subject.cveId) : null }
  })

const lock = async (transaction: Transaction<DatabaseSchema>, id: string): Promise<Row> => {
  const query = transaction.selectFrom('compliance_exceptions').selectAll().where('id', '=', id).forUpdate()
  return query.executeTakeFirstOrThrow(
    () => new DomainError('exception_not_found', 'There is no such exception: see the list of exceptions.'),
  )
}

/**
 * When something is done to a row that somebody else may just have changed: not before that, though the request came before, so
 * that what was done first counts.
 */
const momentAfter = ({ requested_at, approved_at, ended_at }: Row, now: Date): Date =>
  new Date(Math.max(...[now, requested_at, approved_at, ended_at].map((one) => one?.getTime() ?? 0)))

/** @throws DomainError `exception_not_found`; `action_refused` when it does not wait, or the same person asked for it */
export const approveException = (
  database: Kysely<DatabaseSchema>,
  id: string,
  who: Person,
): Promise<ComplianceException> =>
  database.transaction().execute(async (transaction) => {
    const before = await lock(transaction, id)
    const at = momentAfter(before, who.now)
    const { state } = viewOf(before, at)
    if (state !== 'requested') throw refused(`This exception does not wait for an approver: it is ${words(state)}.`)
    if (before.requested_by_id === who.userId) {
      throw refused('You asked for this exception yourself: another person has to approve it.')
    }
    const row = await transaction
      .updateTable('compliance_exceptions')
      .set({ approved_by_id: who.userId, approved_by_name: who.username, approved_at: at })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow()
    const approved = viewOf(row, at)
    const { subject, hosts, owner, until } = approved
    const after = { subject, hosts, owner, until, requestedBy: approved.requestedBy }
    await appendAudit(
      transaction,
      done(who, { action: 'exception.approve', target: target(approved), reason: row.reason, after }),
    )
    return approved
  })

const words = (state: ComplianceException['state']) => state.replace('_', ' ')

/** @throws DomainError `exception_not_found`; `action_refused` when it is over, or an operator did not ask for it himself */
export const endException = (
  database: Kysely<DatabaseSchema>,
  id: string,
  reason: string,
  who: Person,
): Promise<ComplianceException> =>
  database.transaction().execute(async (transaction) => {
    const before = await lock(transaction, id)
    const at = momentAfter(before, who.now)
    const { state } = viewOf(before, at)
    if (state !== 'requested' && state !== 'in_effect') throw refused(`This exception is over: it is ${words(state)}.`)
    if (who.role === 'operator' && before.requested_by_id !== who.userId) {
      throw refused('An operator ends only what he asked for himself: ask an approver.')
    }
    const row = await transaction
      .updateTable('compliance_exceptions')
      .set({ ended_by_name: who.username, ended_at: at, ended_reason: databaseText(reason) })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow()
    const ended = viewOf(row, at)
    const action = state === 'requested' ? 'exception.decline' : 'exception.end'
    await appendAudit(transaction, done(who, { action, target: target(ended), reason }))
    return ended
  })

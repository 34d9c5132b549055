import type { AuditActor } from '@rebootless/shared/contract/audit.ts'
import type { EnrolmentTokenRequest, ListedToken } from '@rebootless/shared/contract/enrolment.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { TokenState } from '@rebootless/shared/domain/words.ts'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { z } from 'zod'
import { appendAudit } from '../audit/append-audit.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { tellOfEnrolment } from './enrolment-event.ts'

/** Who does something, and by which request. */
export interface Doer {
  readonly actor: AuditActor
  readonly username: string
  readonly requestId: string
}

const LISTED_MAX = 100
const HOSTS_LISTED_MAX = 20

const done = { reason: null, result: 'done', problem: null } as const

/** Keeps a token that a person made, by its hash. @returns what the API calls it */
export const keepToken = (
  database: Kysely<DatabaseSchema>,
  token: z.output<typeof EnrolmentTokenRequest> & { hash: string; expiresAt: Date },
  doer: Doer,
  now: Date,
): Promise<string> =>
  database.transaction().execute(async (transaction) => {
    const { labels, uses, expiresAt } = token
    const { id } = await transaction
      .insertInto('enrolment_tokens')
      .values({
        token_hash: token.hash,
        ...{ labels: JSON.stringify(labels), uses, uses_left: uses, expires_at: expiresAt },
        ...{ created_by: doer.username, created_at: now },
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    await appendAudit(transaction, {
      at: now.toISOString(),
      actor: doer.actor,
      action: 'enrolment_token.create',
      target: { kind: 'enrolment_token', id, name: null },
      ...done,
      before: null,
      after: { labels, uses, expiresAt: expiresAt.toISOString() },
      requestId: doer.requestId,
    })
    await tellOfEnrolment(transaction, now)
    return id
  })

/** @throws DomainError `enrolment_token_not_found` */
export const revokeToken = (
  database: Kysely<DatabaseSchema>,
  id: string,
  reason: string,
  doer: Doer,
  now: Date,
): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const token = await transaction
      .selectFrom('enrolment_tokens')
      .selectAll()
      .where('id', '=', id)
      .where('own', '=', false)
      .forUpdate()
      .executeTakeFirst()
    if (token === undefined) {
      throw new DomainError('enrolment_token_not_found', 'There is no such join token: see the list of tokens.')
    }
    if (token.revoked_at !== null) return
    await transaction
      .updateTable('enrolment_tokens')
      .set({ revoked_at: now, revoked_by: doer.username })
      .where('id', '=', id)
      .execute()
    await appendAudit(transaction, {
      at: now.toISOString(),
      actor: doer.actor,
      action: 'enrolment_token.revoke',
      target: { kind: 'enrolment_token', id, name: null },
      ...done,
      reason,
      before: { usesLeft: token.uses_left },
      after: null,
      requestId: doer.requestId,
    })
    await tellOfEnrolment(transaction, now)
  })

const stateOf = (token: Selectable<DatabaseSchema['enrolment_tokens']>, now: Date): TokenState => {
  if (token.uses_left === 0) return 'used'
  if (token.revoked_at !== null) return 'revoked'
  return token.expires_at <= now ? 'ended' : 'open'
}

/** The newest that people made, with the newest hosts of each. */
export const listTokens = async (database: Kysely<DatabaseSchema>, now: Date): Promise<ListedToken[]> => {
  const tokens = await database
    .selectFrom('enrolment_tokens')
    .selectAll()
    .where('own', '=', false)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(LISTED_MAX)
    .execute()
  const { rows } = await sql<{ token_id: string; host_id: string; host_name: string; at: Date; there: boolean }>`
    select came.*, exists (select from hosts where hosts.id = came.host_id) as there
    from unnest(${tokens.map(({ id }) => id)}::uuid[]) as token (id), lateral (
      select token_id, host_id, host_name, at from enrolments
      where enrolments.token_id = token.id order by at desc, host_id limit ${HOSTS_LISTED_MAX}
    ) as came`.execute(database)
  return tokens.map((token) => ({
    id: token.id,
    state: stateOf(token, now),
    labels: token.labels,
    uses: token.uses,
    usesLeft: token.uses_left,
    createdBy: token.created_by,
    createdAt: token.created_at.toISOString(),
    expiresAt: token.expires_at.toISOString(),
    revokedAt: token.revoked_at?.toISOString() ?? null,
    revokedBy: token.revoked_by,
    hosts: rows
      .filter((row) => row.token_id === token.id)
      .map((row) => ({ id: row.host_id, name: row.host_name, at: row.at.toISOString(), there: row.there })),
  }))
}

import { randomUUID } from 'node:crypto'
import type { ApproverKey } from '@rebootless/shared/contract/commands-api.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { type Kysely, sql } from 'kysely'
import type { z } from 'zod'
import { appendAudit } from '../audit/append-audit.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { type Act, done } from './act.ts'
import { notifyCommands } from './notify.ts'

type KeyView = z.input<typeof ApproverKey>

const KEYS_PER_PERSON_MAX = 8

/** @param ofUser null: of everybody */
export const listApproverKeys = async (database: Kysely<DatabaseSchema>, ofUser: string | null): Promise<KeyView[]> => {
  let query = database
    .selectFrom('approver_keys as key')
    .innerJoin('users', 'users.id', 'key.user_id')
    .select(['key.id', 'users.username', 'key.public_key', 'key.name', 'key.registered_at', 'key.revoked_at'])
  if (ofUser !== null) query = query.where('key.user_id', '=', ofUser)
  const rows = await query.orderBy('users.username').orderBy('key.registered_at').limit(10_000).execute()
  return rows.map((row) => ({
    id: row.id,
    username: row.username,
    publicKey: row.public_key,
    name: row.name,
    registeredAt: row.registered_at.toISOString(),
    revokedAt: row.revoked_at?.toISOString() ?? null,
  }))
}

/**
 * One key is one person's, for ever: so no two signatures of one key can count as two people (threat-model T25).
 * @throws DomainError `approver_key_refused`
 */
export const registerApproverKey = (
  database: Kysely<DatabaseSchema>,
  { publicKey, name }: { publicKey: string; name: string },
  who: Act & { userId: string; username: string },
): Promise<KeyView> =>
  database.transaction().execute(async (transaction) => {
    // So that two at once do not both find room.
    await sql`select id from users where id = ${who.userId} for update`.execute(transaction)
    const { count } = await transaction
      .selectFrom('approver_keys')
      .select(sql<string>`count(*)`.as('count'))
      .where('user_id', '=', who.userId)
      .where('revoked_at', 'is', null)
      .executeTakeFirstOrThrow()
    if (Number(count) >= KEYS_PER_PERSON_MAX) {
      throw new DomainError('approver_key_refused', `You have ${KEYS_PER_PERSON_MAX} keys: take one back first.`)
    }
    const id = randomUUID()
    const inserted = await transaction
      .insertInto('approver_keys')
      .values({
        ...{ id, user_id: who.userId, public_key: publicKey, name, registered_at: who.now, revoked_at: null },
      })
      .onConflict((conflict) => conflict.column('public_key').doNothing())
      .returning('id')
      .executeTakeFirst()
    if (inserted === undefined) {
      throw new DomainError('approver_key_refused', 'This key was registered before, and is one person’s for good.')
    }
    const target = { kind: 'approver_key', id, name }
    await appendAudit(transaction, done(who, { action: 'approver_key.register', target, after: { publicKey } }))
    const registeredAt = who.now.toISOString()
    return { id, username: who.username, publicKey, name, registeredAt, revokedAt: null }
  })

/**
 * @param ofUser whose key it must be; null: anybody's
 * @throws DomainError `approver_key_not_found`
 */
export const revokeApproverKey = (
  database: Kysely<DatabaseSchema>,
  id: string,
  ofUser: string | null,
  reason: string,
  who: Act,
): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    let query = transaction.updateTable('approver_keys').set({ revoked_at: who.now }).where('id', '=', id)
    if (ofUser !== null) query = query.where('user_id', '=', ofUser)
    const key = await query.where('revoked_at', 'is', null).returning(['public_key', 'name']).executeTakeFirst()
    if (key === undefined)
      throw new DomainError('approver_key_not_found', 'There is no such key: see the list of keys.')
    const target = { kind: 'approver_key', id, name: key.name }
    const before = { publicKey: key.public_key }
    await appendAudit(transaction, done(who, { action: 'approver_key.revoke', target, before, reason }))
    await notifyCommands(transaction)
  })

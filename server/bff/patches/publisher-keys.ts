import { randomUUID } from 'node:crypto'
import type { PublisherKey } from '@rebootless/shared/contract/patches.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Kysely } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import { type Act, done } from '../commands/act.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'

const KEYS_MAX = 1000

export const listPublisherKeys = async (database: Kysely<DatabaseSchema>): Promise<PublisherKey[]> => {
  const rows = await database
    .selectFrom('publisher_keys')
    .selectAll()
    .orderBy('name')
    .orderBy('registered_at')
    .limit(KEYS_MAX)
    .execute()
  return rows.map((row) => ({
    ...{ id: row.id, name: row.name, publicKey: row.public_key, registeredBy: row.registered_by },
    ...{ registeredAt: row.registered_at.toISOString(), revokedAt: row.revoked_at?.toISOString() ?? null },
  }))
}

/**
 * A publisher is no user: a vendor, or the machine that builds modules. So its keys are not approvers' keys, which end with
 * their person's role, and no publisher's signature can ever approve an act: the payload types differ (threat-model T23).
 * @throws DomainError `publisher_key_refused`
 */
export const registerPublisherKey = (
  database: Kysely<DatabaseSchema>,
  { publicKey, name }: { publicKey: string; name: string },
  who: Act & { username: string },
): Promise<PublisherKey> =>
  database.transaction().execute(async (transaction) => {
    const ofApprover = await transaction
      .selectFrom('approver_keys')
      .select('id')
      .where('public_key', '=', publicKey)
      .executeTakeFirst()
    if (ofApprover !== undefined) {
      throw new DomainError('publisher_key_refused', 'This key is an approver’s own: a publisher needs another.')
    }
    const row = { id: randomUUID(), public_key: publicKey, name: databaseText(name) }
    const inserted = await transaction
      .insertInto('publisher_keys')
      .values({ ...row, registered_by: who.username, registered_at: who.now, revoked_at: null })
      .onConflict((conflict) => conflict.column('public_key').doNothing())
      .returning('id')
      .executeTakeFirst()
    if (inserted === undefined) {
      throw new DomainError(
        'publisher_key_refused',
        'This key was registered before; one that was taken back stays so.',
      )
    }
    const target = { kind: 'publisher_key', id: row.id, name: row.name }
    await appendAudit(transaction, done(who, { action: 'publisher_key.register', target, after: { publicKey } }))
    return {
      ...{ id: row.id, name: row.name, publicKey, registeredBy: who.username },
      ...{ registeredAt: who.now.toISOString(), revokedAt: null },
    }
  })

/** @throws DomainError `publisher_key_not_found` */
export const revokePublisherKey = (database: Kysely<DatabaseSchema>, id: string, who: Act): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const key = await transaction
      .updateTable('publisher_keys')
      .set({ revoked_at: who.now })
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .returning(['public_key', 'name'])
      .executeTakeFirst()
    if (key === undefined) {
      throw new DomainError('publisher_key_not_found', 'There is no such key: see the list of publishers’ keys.')
    }
    const target = { kind: 'publisher_key', id, name: key.name }
    const before = { publicKey: key.public_key }
    await appendAudit(transaction, done(who, { action: 'publisher_key.revoke', target, before }))
  })

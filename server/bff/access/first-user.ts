import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { entryOf, SERVER, userTarget } from './doer.ts'
import { hashPassword, verifyPassword } from './password.ts'

const FIRST_USER = 'admin'

interface FirstUser {
  readonly id: string
  readonly username: string
}

/**
 * Makes sure of the first user, and that the setting is his password: a changed one ends his sessions, an unset one
 * leaves him the one-time link, and the password that he chose himself.
 */
export const ensureFirstUser = async (
  database: Kysely<DatabaseSchema>,
  clock: Clock,
  password: string | undefined,
): Promise<FirstUser> => {
  const created = { id: randomUUID(), username: FIRST_USER, role: 'admin', disabled_at: null } as const
  await database.transaction().execute(async (transaction) => {
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('users')
      .values({ ...created, password_hash: null, created_at: clock.now() })
      .onConflict((conflict) => conflict.column('username').doNothing())
      .executeTakeFirstOrThrow()
    if (numInsertedOrUpdatedRows === 0n) return
    const after = { role: created.role, scope: null, disabled: false }
    const entry = { action: 'user.create', target: userTarget(created), after }
    await appendAudit(transaction, entryOf(SERVER, clock.now(), entry))
  })
  const user = await database
    .selectFrom('users')
    .select(['id', 'username', 'password_hash', 'password_source'])
    .where('username', '=', FIRST_USER)
    .executeTakeFirstOrThrow()
  const set = user.password_source === 'setting'
  if (password === undefined) {
    if (set) await setPassword(database, user, null, clock.now())
  } else if (!set || !(await verifyPassword(user.password_hash, password))) {
    await setPassword(database, user, await hashPassword(password), clock.now())
  }
  return user
}

const setPassword = (database: Kysely<DatabaseSchema>, user: FirstUser, passwordHash: string | null, now: Date) =>
  database.transaction().execute(async (transaction) => {
    const set = { password_hash: passwordHash, password_source: passwordHash === null ? null : ('setting' as const) }
    await transaction.updateTable('users').set(set).where('id', '=', user.id).execute()
    await transaction
      .updateTable('sessions')
      .set({ ended_at: now })
      .where('user_id', '=', user.id)
      .where('ended_at', 'is', null)
      .execute()
    await appendAudit(transaction, entryOf(SERVER, now, { action: 'user.password', target: userTarget(user) }))
  })

import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { hashPassword, verifyPassword } from './password.ts'

const FIRST_USER = 'admin'

/**
 * Makes sure of the first user, and that the setting is his password: a changed one ends his sessions, an unset one
 * leaves him the one-time link.
 * @returns the user's id
 */
export const ensureFirstUser = async (
  database: Kysely<DatabaseSchema>,
  clock: Clock,
  password: string | undefined,
): Promise<string> => {
  await database
    .insertInto('users')
    .values({
      id: randomUUID(),
      username: FIRST_USER,
      role: 'admin',
      password_hash: null,
      disabled_at: null,
      created_at: clock.now(),
    })
    .onConflict((conflict) => conflict.column('username').doNothing())
    .execute()
  const user = await database
    .selectFrom('users')
    .select(['id', 'password_hash'])
    .where('username', '=', FIRST_USER)
    .executeTakeFirstOrThrow()
  if (password === undefined) {
    if (user.password_hash !== null) await setPassword(database, user.id, null, clock.now())
  } else if (!(await verifyPassword(user.password_hash, password))) {
    await setPassword(database, user.id, await hashPassword(password), clock.now())
  }
  return user.id
}

const setPassword = (database: Kysely<DatabaseSchema>, userId: string, passwordHash: string | null, now: Date) =>
  database.transaction().execute(async (transaction) => {
    await transaction.updateTable('users').set({ password_hash: passwordHash }).where('id', '=', userId).execute()
    await transaction
      .updateTable('sessions')
      .set({ ended_at: now })
      .where('user_id', '=', userId)
      .where('ended_at', 'is', null)
      .execute()
  })

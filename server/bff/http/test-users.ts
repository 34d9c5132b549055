import { randomUUID } from 'node:crypto'
import type { Role } from '@rebootless/shared/domain/words.ts'
import type { Kysely } from 'kysely'
import { createSessions } from '../access/sessions.ts'
import { type Clock, systemClock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'

/** A user of a role; his id. */
export const createUser = async (
  database: Kysely<DatabaseSchema>,
  role: Role,
  scope: string | null = null,
  clock: Clock = systemClock,
): Promise<string> => {
  const id = randomUUID()
  const never = { password_hash: null, disabled_at: null }
  const user = { id, username: `${role}-${id}`, role, scope, created_at: clock.now(), ...never }
  await database.insertInto('users').values(user).execute()
  return id
}

/** A user of a role, signed in; his cookie on plain HTTP. */
export const signInAs = async (
  database: Kysely<DatabaseSchema>,
  role: Role,
  clock: Clock = systemClock,
  scope: string | null = null,
): Promise<string> => {
  const userId = await createUser(database, role, scope, clock)
  const session = { userId, way: 'link', address: null, userAgent: null } as const
  const { token } = await createSessions(database, clock).start(database, session)
  return `rebootless=${token}`
}

import { randomUUID } from 'node:crypto'
import type { Role } from '@rebootless/shared/domain/words.ts'
import type { Kysely } from 'kysely'
import { createSessions } from '../access/sessions.ts'
import { type Clock, systemClock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'

/** A user of a role, signed in; his cookie on plain HTTP. */
export const signInAs = async (
  database: Kysely<DatabaseSchema>,
  role: Role,
  clock: Clock = systemClock,
  scope: string | null = null,
): Promise<string> => {
  const id = randomUUID()
  await database
    .insertInto('users')
    .values({
      id,
      username: `${role}-${id}`,
      role,
      scope,
      password_hash: null,
      disabled_at: null,
      created_at: clock.now(),
    })
    .execute()
  const { token } = await createSessions(database, clock).start(database, {
    userId: id,
    way: 'link',
    address: null,
    userAgent: null,
  })
  return `rebootless=${token}`
}

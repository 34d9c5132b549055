import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { createApiTokens } from './api-tokens.ts'
import type { Doer } from './doer.ts'
import { createSessions } from './sessions.ts'
import { createUsers } from './users.ts'

/** Whoever may read the server's own files: above every role, since he could change the database by hand. */
const CONSOLE: Doer = {
  actor: { kind: 'server', id: null, name: "the server's console", address: null },
  requestId: null,
}

/** What is done for people on the server's own machine, when nobody can sign in any more who could do it on the page. */
export const createConsoleActs = (database: Kysely<DatabaseSchema>, clock: Clock) => {
  const sessions = createSessions(database, clock)
  const users = createUsers({ database, sessions, clock }, createApiTokens(database, clock))
  /** @throws DomainError `user_not_found` */
  const find = async (username: string) => {
    const found = database.selectFrom('users').select(['id', 'totp_seed']).where('username', '=', username)
    const user = await found.executeTakeFirst()
    if (user === undefined) throw new DomainError('user_not_found', `There is no user ${username}.`)
    return user
  }
  return {
    /** Ends his sessions as well. @returns whether there was one */
    async resetSecondFactor(username: string, reason: string): Promise<boolean> {
      const user = await find(username)
      if (user.totp_seed === null) return false
      await users.removeTotp(user.id, reason, CONSOLE)
      return true
    },
    /** A one-time link, which asks for the second factor where there is one. @throws DomainError as `createLink` */
    signInLink: async (username: string) => users.createLink((await find(username)).id, CONSOLE),
  }
}
export type ConsoleActs = ReturnType<typeof createConsoleActs>

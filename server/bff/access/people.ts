import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { appendAudit } from '../audit/append-audit.ts'
import type { Refusal } from '../audit/refusals.ts'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { createGuardedFetch } from '../outgoing/guarded-fetch.ts'
import type { SecretBox } from '../secrets/secret-box.ts'
import type { BackendSettings } from '../settings.ts'
import { createApiTokens } from './api-tokens.ts'
import { createCallers } from './callers.ts'
import { pruneChallenges } from './challenges.ts'
import { entryOf, SERVER, userTarget } from './doer.ts'
import { ensureFirstUser } from './first-user.ts'
import { createGuesses } from './guesses.ts'
import { createOidcAccounts } from './oidc/accounts.ts'
import { createOidcProvider } from './oidc/provider.ts'
import { oidcHandlers } from './oidc/routes.ts'
import { createOwnAccount } from './own-account.ts'
import { peopleHandlers } from './people-routes.ts'
import { accessHandlers } from './routes.ts'
import { createAccess } from './service.ts'
import { createSessions } from './sessions.ts'
import { pruneAttempts } from './sign-in-brake.ts'
import { createLinkToken, LINK_MS, linkPath, pruneLinks } from './sign-in-link.ts'
import { tokenHandlers } from './token-routes.ts'
import { createUsers } from './users.ts'

export interface PeopleOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn'>
  readonly secrets: SecretBox
  readonly settings: Pick<BackendSettings, 'adminPassword' | 'oidc' | 'outgoingNetworks'>
  /** Told of a refusal that is answered by a page. */
  readonly refused: (refusal: Refusal) => Promise<void>
  /** Told of a session that ended here; those that end elsewhere are found by `callers.alive`. */
  readonly onEnded: (sessionHash: string) => void
}

/** Puts together who people are, how they sign in, and what scripts sign in with. */
export const createPeople = async (options: PeopleOptions) => {
  const { database, clock, settings, onEnded } = options
  const firstUser = await ensureFirstUser(database, clock, settings.adminPassword)
  const sessions = createSessions(database, clock)
  const tokens = createApiTokens(database, clock)
  const shared = { ...options, sessions, checkGuess: createGuesses(database, clock) }
  const access = createAccess(shared)
  const account = createOwnAccount(shared)
  const { oidc } = settings
  const single = oidc && {
    settings: oidc,
    provider: createOidcProvider(oidc, createGuardedFetch({ networks: settings.outgoingNetworks }), clock),
    accounts: createOidcAccounts(database, { sessions, tokens }, clock, oidc),
  }

  return {
    callers: createCallers(sessions, tokens),
    handlers: {
      ...accessHandlers({ database, clock, sessions, access, account, onEnded }),
      ...oidcHandlers({ ...shared, access, single }),
      ...peopleHandlers(createUsers(shared, tokens)),
      ...tokenHandlers({ database, clock, tokens }),
    },

    /** A one-time link for the first user; undefined when the setting gives him a password. */
    createFirstUserLink: async (): Promise<{ path: string; expiresAt: Date } | undefined> => {
      if (settings.adminPassword !== undefined) return undefined
      return database.transaction().execute(async (transaction) => {
        const now = clock.now()
        const { token, expiresAt } = await createLinkToken(transaction, firstUser.id, now, LINK_MS)
        const entry = { action: 'sign_in_link.create', target: userTarget(firstUser) }
        await appendAudit(transaction, entryOf(SERVER, now, entry))
        return { path: linkPath(token), expiresAt }
      })
    },

    prune: async (): Promise<void> => {
      const now = clock.now()
      await pruneAttempts(database, now)
      await pruneLinks(database, now)
      await pruneChallenges(database, now)
      await sessions.prune()
      await tokens.prune()
    },
  }
}

export type People = Awaited<ReturnType<typeof createPeople>>

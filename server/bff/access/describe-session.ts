import type { Session } from '@rebootless/shared/contract/session.ts'
import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { eventBounds } from '../events/read-events.ts'
import type { SignedIn } from '../http/call.ts'

/** What the page has to know of whoever is signed in. */
export const describeSession = async (
  database: Kysely<DatabaseSchema>,
  signedIn: Pick<SignedIn, 'userId' | 'sessionHash' | 'role' | 'scope' | 'expiresAt' | 'via' | 'authenticatedAt'>,
): Promise<Session> => {
  const user = await database
    .selectFrom('users')
    .select(['username', 'password_hash', 'totp_seed', 'oidc_issuer'])
    .where('id', '=', signedIn.userId)
    .executeTakeFirstOrThrow()
  const session = await database
    .selectFrom('sessions')
    .select('way')
    .where('token_hash', '=', signedIn.sessionHash)
    .executeTakeFirst()
  const { newest } = await eventBounds(database)
  return {
    username: user.username,
    role: signedIn.role,
    scope: signedIn.scope,
    expiresAt: signedIn.expiresAt.toISOString(),
    authenticatedAt: signedIn.authenticatedAt?.toISOString() ?? null,
    by: signedIn.via === 'token' ? 'token' : (session?.way ?? 'link'),
    account: user.oidc_issuer === null ? 'local' : 'single sign-on',
    hasPassword: user.password_hash !== null,
    secondFactor: user.totp_seed !== null,
    proofs: proofsOf(user),
    lastEventId: `${newest}`,
  }
}

/** With a second factor the password is not enough. */
export const proofsOf = (user: {
  password_hash: string | null
  totp_seed: string | null
  oidc_issuer: string | null
}): Session['proofs'] => {
  if (user.oidc_issuer !== null) return ['single sign-on']
  if (user.totp_seed !== null) return ['code']
  return user.password_hash === null ? [] : ['password']
}

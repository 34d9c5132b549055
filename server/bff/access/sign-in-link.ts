import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { hashSecret, newSecret } from './secret.ts'

export const LINK_MS = 10 * 60_000
/** For somebody who has never signed in, and gets it by hand or letter. */
export const INVITATION_MS = 24 * 60 * 60_000

/** A token for one sign-in; stored as a hash. */
export const createLinkToken = async (
  database: Kysely<DatabaseSchema>,
  userId: string,
  now: Date,
  validMs: number,
): Promise<{ token: string; expiresAt: Date }> => {
  const token = newSecret()
  const expiresAt = new Date(now.getTime() + validMs)
  const row = { token_hash: hashSecret('sign-in link', token), user_id: userId, expires_at: expiresAt }
  await database.insertInto('sign_in_links').values(row).execute()
  return { token, expiresAt }
}

/** Where the page takes the token from: a fragment, which browsers send to nobody (T31). */
export const linkPath = (token: string): string => `/sign-in#token=${token}`

/** Uses a token up; of many uses at once one gets the user's id, since one DELETE finds the row (T01). */
export const useLinkToken = async (
  database: Kysely<DatabaseSchema>,
  token: string,
  now: Date,
): Promise<string | undefined> => {
  const used = await database
    .deleteFrom('sign_in_links')
    .where('token_hash', '=', hashSecret('sign-in link', token))
    .returning(['user_id', 'expires_at'])
    .executeTakeFirst()
  return used !== undefined && used.expires_at > now ? used.user_id : undefined
}

export const endLinks = async (database: Kysely<DatabaseSchema>, userId: string): Promise<void> => {
  await database.deleteFrom('sign_in_links').where('user_id', '=', userId).execute()
}

export const pruneLinks = async (database: Kysely<DatabaseSchema>, now: Date): Promise<void> => {
  await database.deleteFrom('sign_in_links').where('expires_at', '<=', now).execute()
}

import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { hashSecret, newSecret } from './secret.ts'

const CHALLENGE_MS = 5 * 60_000

type Executor = Kysely<DatabaseSchema>

interface Challenge {
  readonly userId: string
  readonly way: 'password' | 'link'
}

/** A sign-in that waits for its second factor; the token is given out once and stored as a hash. */
export const createChallenge = async (executor: Executor, { userId, way }: Challenge, now: Date) => {
  const challenge = newSecret()
  const expiresAt = new Date(now.getTime() + CHALLENGE_MS)
  const token_hash = hashSecret('sign-in challenge', challenge)
  await executor
    .insertInto('sign_in_challenges')
    .values({ token_hash, user_id: userId, way, expires_at: expiresAt })
    .execute()
  return { secondFactor: 'required', challenge, expiresAt: expiresAt.toISOString() } as const
}

export const findChallenge = async (executor: Executor, token: string, now: Date): Promise<Challenge | undefined> => {
  const row = await executor
    .selectFrom('sign_in_challenges')
    .select(['user_id', 'way'])
    .where('token_hash', '=', hashSecret('sign-in challenge', token))
    .where('expires_at', '>', now)
    .executeTakeFirst()
  return row && { userId: row.user_id, way: row.way }
}

/** Of many at once who use the same, one is told that it did. */
export const useChallenge = async (executor: Executor, token: string): Promise<boolean> => {
  const { numDeletedRows } = await executor
    .deleteFrom('sign_in_challenges')
    .where('token_hash', '=', hashSecret('sign-in challenge', token))
    .executeTakeFirstOrThrow()
  return numDeletedRows > 0n
}

/** What was begun with a password or link that counts no more. */
export const endChallenges = async (executor: Executor, userId: string): Promise<void> => {
  await executor.deleteFrom('sign_in_challenges').where('user_id', '=', userId).execute()
}

export const pruneChallenges = async (executor: Executor, now: Date): Promise<void> => {
  await executor.deleteFrom('sign_in_challenges').where('expires_at', '<=', now).execute()
}

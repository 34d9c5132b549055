import { randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import { Secret, TOTP } from 'otpauth'
import type { DatabaseSchema } from '../database/schema.ts'
import type { SecretBox } from '../secrets/secret-box.ts'
import { hashSecret } from './secret.ts'

const PERIOD_SECONDS = 30
/** A code before and one after, since clocks differ (RFC 6238, §5.2). */
const WINDOW = 1
const RECOVERY_CODES = 10
/** Of five bits each: 80 bits, so that a fast hash is enough. */
const RECOVERY_LETTERS = 16
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

type Executor = Kysely<DatabaseSchema>

/** What authenticators know by heart: SHA-1, six digits, thirty seconds (RFC 6238; Key URI Format). */
const totpOf = (seed: string, username: string) =>
  new TOTP({
    issuer: 'Rebootless',
    label: username,
    algorithm: 'SHA1',
    digits: 6,
    period: PERIOD_SECONDS,
    secret: Secret.fromBase32(seed),
  })

const purposeOf = (userId: string) => `totp ${userId}`

export interface TotpUser {
  readonly id: string
  readonly username: string
}

/** One step of the clock that the code belongs to; null: it is none of this seed's, now. */
const counterOf = (seed: string, username: string, code: string, now: Date): number | null => {
  const delta = totpOf(seed, username).validate({ token: code, timestamp: now.getTime(), window: WINDOW })
  return delta === null ? null : Math.floor(now.getTime() / 1000 / PERIOD_SECONDS) + delta
}

/** A new seed that does not count yet; one before it that was never confirmed is gone. */
export const beginTotp = async (executor: Executor, secrets: SecretBox, user: TotpUser) => {
  const seed = new Secret({ size: 20 }).base32
  await executor
    .updateTable('users')
    .set({ totp_pending_seed: secrets.seal(purposeOf(user.id), seed) })
    .where('id', '=', user.id)
    .execute()
  return { secret: seed, uri: totpOf(seed, user.username).toString() }
}

const newRecoveryCode = () =>
  Array.from(randomBytes(RECOVERY_LETTERS), (byte) => BASE32.charAt(byte & 31))
    .join('')
    .replace(/(.{4})(?=.)/g, '$1-')

const bareCode = (code: string) => code.toLowerCase().replace(/[\s-]/g, '')
const recoveryHash = (userId: string, code: string) => hashSecret('recovery code', `${userId} ${bareCode(code)}`)

/**
 * Turns the pending seed on by a first code of it.
 * @returns the recovery codes, given out this once; undefined when the code is wrong or no seed is pending
 */
export const confirmTotp = async (
  executor: Executor,
  secrets: SecretBox,
  user: TotpUser,
  code: string,
  now: Date,
): Promise<string[] | undefined> => {
  const { totp_pending_seed: pending } = await executor
    .selectFrom('users')
    .select('totp_pending_seed')
    .where('id', '=', user.id)
    .forUpdate()
    .executeTakeFirstOrThrow()
  const counter =
    pending === null ? null : counterOf(secrets.open(purposeOf(user.id), pending), user.username, code, now)
  if (counter === null) return undefined
  await executor
    .updateTable('users')
    .set({ totp_seed: pending, totp_pending_seed: null, totp_last_counter: counter })
    .where('id', '=', user.id)
    .execute()
  const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode)
  await executor.deleteFrom('recovery_codes').where('user_id', '=', user.id).execute()
  const rows = codes.map((text) => ({ user_id: user.id, code_hash: recoveryHash(user.id, text) }))
  await executor.insertInto('recovery_codes').values(rows).execute()
  return codes
}

/** @returns whether there was a second factor */
export const removeTotp = async (executor: Executor, userId: string): Promise<boolean> => {
  const { numUpdatedRows } = await executor
    .updateTable('users')
    .set({ totp_seed: null, totp_pending_seed: null, totp_last_counter: null })
    .where('id', '=', userId)
    .where('totp_seed', 'is not', null)
    .executeTakeFirstOrThrow()
  await executor.deleteFrom('recovery_codes').where('user_id', '=', userId).execute()
  return numUpdatedRows > 0n
}

/**
 * Uses a code of the authenticator, or a recovery code, up: each counts once, and so do those of the authenticator before
 * it (RFC 6238, §5.2), since one statement looks and notes.
 */
export const useCode = async (
  executor: Executor,
  secrets: SecretBox,
  user: TotpUser & { readonly seed: string },
  given: string,
  now: Date,
): Promise<boolean> => {
  const code = bareCode(given)
  if (!/^\d{6}$/.test(code)) {
    const { numDeletedRows } = await executor
      .deleteFrom('recovery_codes')
      .where('user_id', '=', user.id)
      .where('code_hash', '=', recoveryHash(user.id, code))
      .executeTakeFirstOrThrow()
    return numDeletedRows > 0n
  }
  const counter = counterOf(secrets.open(purposeOf(user.id), user.seed), user.username, code, now)
  if (counter === null) return false
  const { numUpdatedRows } = await executor
    .updateTable('users')
    .set({ totp_last_counter: counter })
    .where('id', '=', user.id)
    .where('totp_seed', '=', user.seed)
    .where((eb) => eb.or([eb('totp_last_counter', 'is', null), eb('totp_last_counter', '<', String(counter))]))
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

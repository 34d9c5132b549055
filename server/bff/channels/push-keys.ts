import type { Kysely } from 'kysely'
import webPush from 'web-push'
import type { DatabaseSchema } from '../database/schema.ts'
import type { SecretBox } from '../secrets/secret-box.ts'

/** Base64url (RFC 8292, 3.2): by the public one a browser subscribes, so it stays the same for good. */
export interface PushKeys {
  readonly publicKey: string
  readonly privateKey: string
}

const PURPOSE = 'push keys'

/** Makes them at the first start of an installation, by one backend of several: what only reads changes nothing (T02). */
export const makePushKeys = async (database: Kysely<DatabaseSchema>, box: SecretBox): Promise<void> => {
  if ((await database.selectFrom('push_keys').select('public_key').executeTakeFirst()) !== undefined) return
  const { publicKey, privateKey } = webPush.generateVAPIDKeys()
  await database
    .insertInto('push_keys')
    .values({ public_key: publicKey, private_key: box.seal(PURPOSE, privateKey) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** @throws DomainError `secret_unreadable` */
export const readPushKeys = async (database: Kysely<DatabaseSchema>, box: SecretBox): Promise<PushKeys> => {
  const { public_key: publicKey, private_key: sealed } = await database
    .selectFrom('push_keys')
    .select(['public_key', 'private_key'])
    .executeTakeFirstOrThrow()
  return { publicKey, privateKey: box.open(PURPOSE, sealed) }
}

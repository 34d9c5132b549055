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

/** Of this installation: made when they are first asked for, by one backend of several. @throws DomainError `secret_unreadable` */
export const readPushKeys = async (database: Kysely<DatabaseSchema>, box: SecretBox): Promise<PushKeys> => {
  const stored = () => database.selectFrom('push_keys').select(['public_key', 'private_key']).executeTakeFirst()
  const there = await stored()
  if (there === undefined) {
    const made = webPush.generateVAPIDKeys()
    await database
      .insertInto('push_keys')
      .values({ public_key: made.publicKey, private_key: box.seal(PURPOSE, made.privateKey) })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
  const { public_key, private_key } =
    there ?? (await database.selectFrom('push_keys').selectAll().executeTakeFirstOrThrow())
  return { publicKey: public_key, privateKey: box.open(PURPOSE, private_key) }
}

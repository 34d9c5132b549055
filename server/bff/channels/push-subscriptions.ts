import { createHash, randomUUID } from 'node:crypto'
import type { ChannelEvents } from '@rebootless/shared/contract/channels.ts'
import type { NewPushSubscription, PushSubscription } from '@rebootless/shared/contract/push-subscriptions.ts'
import { ENDPOINT_PURPOSE } from '@rebootless/shared/domain/channel-words.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Kysely } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import { type Act, done } from '../commands/act.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { SecretBox } from '../secrets/secret-box.ts'
import { pushNotFound } from './channel-rows.ts'
import { sealChannelSecret } from './channel-secret.ts'

type Db = Kysely<DatabaseSchema>

export interface PersonAct extends Act {
  readonly userId: string
  readonly username: string
}

/** A person has a phone, a tablet and a few desks. */
const BROWSERS_MAX = 10

const targetOf = ({ id, name }: { id: string; name: string }) => ({ kind: 'push subscription', id, name })
/** With a purpose, so that it is no hash that another program has. */
const fingerprintOf = (endpoint: string) => createHash('sha256').update(`${ENDPOINT_PURPOSE}${endpoint}`).digest('hex')

/** RFC 8291, 3: what cannot be encrypted for is refused when it comes, and not at the first alert. @throws DomainError `push_refused` */
const requireKeys = ({ keys: { p256dh, auth }, endpoint }: NewPushSubscription): void => {
  const refused = (detail: string) => new DomainError('push_refused', detail)
  const point = Buffer.from(p256dh, 'base64url')
  if (point.length !== 65 || point[0] !== 4 || Buffer.from(auth, 'base64url').length !== 16) {
    throw refused('The browser’s keys are not as RFC 8291 has them.')
  }
  const { username, password } = new URL(endpoint)
  if (username !== '' || password !== '') throw refused('An address with a name or password in it is not called.')
}

/** Of one person, newest first. */
export const readSubscriptions = async (database: Db, userId: string): Promise<PushSubscription[]> => {
  const rows = await database
    .selectFrom('channels')
    .innerJoin('channel_progress as progress', 'progress.channel_id', 'channels.id')
    .select(['id', 'name', 'address', 'events', 'created_at', 'endpoint_hash'])
    .select(['progress.failing_detail', 'progress.last_delivered_at'])
    .where('owner_id', '=', userId)
    .orderBy('created_at', 'desc')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    service: new URL(row.address).host,
    severityAtLeast: row.events.alerts?.severityAtLeast ?? 'page',
    createdAt: row.created_at.toISOString(),
    lastDeliveredAt: row.last_delivered_at?.toISOString() ?? null,
    failing: row.failing_detail,
    fingerprint: row.endpoint_hash ?? '',
  }))
}

/**
 * A browser as a channel of its owner's. One that is known is changed; one that another person used is his from now on, and no
 * longer the other's: whoever sits there now must not read what the other may see.
 * @param pages by which name he reaches these pages
 * @throws DomainError `push_refused`
 */
export const subscribe = (
  database: Db,
  box: SecretBox,
  wanted: NewPushSubscription,
  who: PersonAct,
  pages: string,
): Promise<PushSubscription> => {
  requireKeys(wanted)
  const fingerprint = fingerprintOf(wanted.endpoint)
  const id = randomUUID()
  const name = databaseText(wanted.name)
  const events: ChannelEvents = {
    decisions: [],
    auditHeads: null,
    alerts: { severityAtLeast: wanted.severityAtLeast, rules: 'all' },
  }
  return database.transaction().execute(async (transaction) => {
    await transaction.selectFrom('users').select('id').where('id', '=', who.userId).forUpdate().execute()
    await transaction.deleteFrom('channels').where('endpoint_hash', '=', fingerprint).execute()
    const { count } = await transaction
      .selectFrom('channels')
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .where('owner_id', '=', who.userId)
      .executeTakeFirstOrThrow()
    if (Number(count) >= BROWSERS_MAX) {
      throw new DomainError('push_refused', `There are ${BROWSERS_MAX} browsers already: remove one first.`)
    }
    const { endpoint, keys } = wanted
    await transaction
      .insertInto('channels')
      .values({
        ...{ id, kind: 'push', name, address: new URL(endpoint).origin, events: JSON.stringify(events), scope: null },
        ...{
          enabled: true,
          off_because: null,
          secret: sealChannelSecret(box, id, { kind: 'push', endpoint, ...keys }),
        },
        ...{ public_key: null, created_by_name: who.username, created_at: who.now, owner_id: who.userId },
        ...{ endpoint_hash: fingerprint, settings: JSON.stringify({ pages }) },
      })
      .execute()
    await transaction.insertInto('channel_progress').values({ channel_id: id, next_at: who.now }).execute()
    const after = { service: new URL(endpoint).host, severityAtLeast: wanted.severityAtLeast }
    await appendAudit(transaction, done(who, { action: 'push.subscribe', target: targetOf({ id, name }), after }))
    const made = (await readSubscriptions(transaction, who.userId)).find((one) => one.id === id)
    if (made === undefined) throw new Error('a browser that was kept is not there')
    return made
  })
}

/** @throws DomainError `push_subscription_not_found` */
export const unsubscribe = (database: Db, id: string, who: PersonAct): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const row = await transaction
      .deleteFrom('channels')
      .where('id', '=', id)
      .where('owner_id', '=', who.userId)
      .returning('name')
      .executeTakeFirst()
    if (row === undefined) throw pushNotFound()
    await appendAudit(transaction, done(who, { action: 'push.unsubscribe', target: targetOf({ id, name: row.name }) }))
  })

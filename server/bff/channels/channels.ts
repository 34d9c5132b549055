import { randomUUID } from 'node:crypto'
import type { Channel, ChannelChange, ChannelEvents, NewChannel } from '@rebootless/shared/contract/channels.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Kysely, Transaction } from 'kysely'
import { scopeOf } from '../access/users.ts'
import { appendAudit } from '../audit/append-audit.ts'
import { type Act, done } from '../commands/act.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { tellOf } from '../events/append-event.ts'
import type { SecretBox } from '../secrets/secret-box.ts'
import { channelNotFound, kindOf, readChannel } from './channel-rows.ts'
import { changedSecret, newWebhookSecret, openChannelSecret, sealChannelSecret, shownSecret } from './channel-secret.ts'
import { notifyChannels } from './outbox.ts'
import {
  auditedSettings,
  changedPlace,
  hasToken,
  originOf,
  requireEvents,
  requireFit,
  secretOf,
  settingsOf,
  shownAddress,
} from './place.ts'

type Db = Kysely<DatabaseSchema>

const CHANNELS_MAX = 100
const FORMER_SECRET_MS = 24 * 60 * 60_000

const refused = (detail: string) => new DomainError('channel_refused', detail)

const targetOf = ({ id, name }: { id: string; name: string }) => ({ kind: 'channel', id, name })
const auditedEvents = ({ alerts, ...events }: ChannelEvents) => ({ ...events, alerts: alerts ?? null })

/** @throws DomainError `channel_refused`, `scope_invalid` */
export const createChannel = (
  database: Db,
  box: SecretBox,
  wanted: NewChannel,
  who: Act & { username: string },
): Promise<{ channel: Channel; secret: string | null }> => {
  requireFit(wanted)
  const scope = scopeOf(wanted.scope)
  const id = randomUUID()
  const made = wanted.kind === 'webhook' ? newWebhookSecret() : undefined
  const secret = made?.secret ?? secretOf(wanted)
  const settings = settingsOf(wanted)
  return database.transaction().execute(async (transaction) => {
    const { count } = await transaction
      .selectFrom('channels')
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .where('owner_id', 'is', null)
      .executeTakeFirstOrThrow()
    if (Number(count) >= CHANNELS_MAX) throw refused(`There are ${CHANNELS_MAX} channels already: delete one first.`)
    const name = databaseText(wanted.name)
    await transaction
      .insertInto('channels')
      .values({
        ...{ id, kind: wanted.kind, name, address: shownAddress(wanted), events: JSON.stringify(wanted.events), scope },
        ...{
          enabled: true,
          off_because: null,
          secret: sealChannelSecret(box, id, secret),
          has_token: hasToken(secret),
        },
        settings: JSON.stringify(settings),
        ...{ public_key: made?.publicKey ?? null, created_by_name: who.username, created_at: who.now },
      })
      .execute()
    await transaction.insertInto('channel_progress').values({ channel_id: id, next_at: who.now }).execute()
    const after = {
      ...{ kind: wanted.kind, to: originOf(wanted.address), events: auditedEvents(wanted.events), scope },
      ...auditedSettings(settings),
    }
    await appendAudit(transaction, done(who, { action: 'channel.create', target: targetOf({ id, name }), after }))
    await tellOf(transaction, 'channels', who.now)
    return { channel: await readChannel(transaction, id), secret: made === undefined ? null : shownSecret(made.secret) }
  })
}

/** The row that the deliverer takes first too, so that nobody waits for another in a ring. */
const lockChannel = async (transaction: Transaction<DatabaseSchema>, id: string) => {
  await transaction
    .selectFrom('channel_progress')
    .select('channel_id')
    .where('channel_id', '=', id)
    .forUpdate()
    .execute()
  const row = await transaction
    .selectFrom('channels')
    .selectAll()
    .where('id', '=', id)
    .where('owner_id', 'is', null)
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) throw channelNotFound()
  return { ...row, kind: kindOf(row) }
}

/** @throws DomainError `channel_not_found`, `channel_refused`, `scope_invalid` */
export const changeChannel = (
  database: Db,
  box: SecretBox,
  id: string,
  { reason, ...wanted }: ChannelChange,
  who: Act,
): Promise<Channel> =>
  database.transaction().execute(async (transaction) => {
    const row = await lockChannel(transaction, id)
    const { name = row.name, events = row.events, enabled = row.enabled } = wanted
    const scope = wanted.scope === undefined ? row.scope : scopeOf(wanted.scope)
    const secret = openChannelSecret(box, id, row.secret)
    const place = changedPlace(row, secret, wanted)
    requireEvents(row.kind, events)
    await transaction
      .updateTable('channels')
      .set({
        ...{ name: databaseText(name), address: place.address, events: JSON.stringify(events), scope, enabled },
        ...{ settings: JSON.stringify(place.settings), has_token: hasToken(place.secret) },
        ...(enabled ? { off_because: null } : {}),
        ...(place.secret === secret ? {} : { secret: sealChannelSecret(box, id, place.secret) }),
      })
      .where('id', '=', id)
      .execute()
    // What was wrong may be mended: it is tried at once.
    await transaction.updateTable('channel_progress').set({ next_at: who.now }).where('channel_id', '=', id).execute()
    const before = {
      ...{ name: row.name, to: originOf(row.address), events: auditedEvents(row.events), scope: row.scope },
      ...{ enabled: row.enabled, ...auditedSettings(row.settings) },
    }
    const after = {
      ...{ name, to: originOf(place.address), events: auditedEvents(events), scope, enabled },
      ...{ newToken: place.secret !== secret, ...auditedSettings(place.settings) },
    }
    const action = enabled === row.enabled ? 'channel.change' : enabled ? 'channel.turn_on' : 'channel.turn_off'
    await appendAudit(
      transaction,
      done(who, { action, target: targetOf({ id, name }), reason: reason ?? null, before, after }),
    )
    await notifyChannels(transaction)
    await tellOf(transaction, 'channels', who.now)
    return readChannel(transaction, id)
  })

/** @throws DomainError `channel_not_found` */
export const deleteChannel = (database: Db, id: string, reason: string, who: Act): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const row = await lockChannel(transaction, id)
    await transaction.deleteFrom('channels').where('id', '=', id).execute()
    const before = { kind: row.kind, to: originOf(row.address), events: auditedEvents(row.events), scope: row.scope }
    await appendAudit(transaction, done(who, { action: 'channel.delete', target: targetOf(row), reason, before }))
    await tellOf(transaction, 'channels', who.now)
  })

/** @throws DomainError `channel_not_found`, `channel_refused` */
export const changeSecret = (
  database: Db,
  box: SecretBox,
  id: string,
  reason: string,
  who: Act,
): Promise<{ secret: string; formerUntil: string }> =>
  database.transaction().execute(async (transaction) => {
    const row = await lockChannel(transaction, id)
    const secret = openChannelSecret(box, id, row.secret)
    if (secret.kind !== 'webhook')
      throw refused('Only a webhook has a secret of ours: change its receiver’s there, then here.')
    const until = new Date(who.now.getTime() + FORMER_SECRET_MS)
    const changed = changedSecret(secret, until)
    await transaction
      .updateTable('channels')
      .set({ secret: sealChannelSecret(box, id, changed) })
      .where('id', '=', id)
      .execute()
    await appendAudit(transaction, done(who, { action: 'channel.change_secret', target: targetOf(row), reason }))
    return { secret: shownSecret(changed), formerUntil: until.toISOString() }
  })

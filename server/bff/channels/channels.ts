import { randomUUID } from 'node:crypto'
import type { Channel, ChannelChange, ChannelEvents, NewChannel } from '@rebootless/shared/contract/channels.ts'
import type { ChannelKind } from '@rebootless/shared/domain/channel-words.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Kysely, Transaction } from 'kysely'
import { scopeOf } from '../access/users.ts'
import { appendAudit } from '../audit/append-audit.ts'
import { type Act, done } from '../commands/act.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { tellOf } from '../events/append-event.ts'
import type { SecretBox } from '../secrets/secret-box.ts'
import { channelNotFound, readChannel } from './channel-rows.ts'
import { changedSecret, newWebhookSecret, openChannelSecret, sealChannelSecret, shownSecret } from './channel-secret.ts'
import { notifyChannels } from './outbox.ts'

type Db = Kysely<DatabaseSchema>

const CHANNELS_MAX = 100
const FORMER_SECRET_MS = 24 * 60 * 60_000

const refused = (detail: string) => new DomainError('channel_refused', detail)

/** @throws DomainError `channel_refused` */
const requireAddress = (address: string): void => {
  const { username, password } = new URL(address)
  if (username !== '' || password !== '') throw refused('An address with a name or password in it is not called.')
}

/** @throws DomainError `channel_refused` */
const requireEvents = (kind: ChannelKind, { auditHeads }: ChannelEvents): void => {
  if (kind === 'grafana' && auditHeads !== null) {
    throw refused('Grafana keeps no heads of the audit log: send them to a webhook.')
  }
}

const targetOf = ({ id, name }: { id: string; name: string }) => ({ kind: 'channel', id, name })
/** What the log keeps of an address: path and query may be a receiver's secret. */
const originOf = (address: string) => new URL(address).origin
const auditedEvents = ({ alerts, ...events }: ChannelEvents) => ({ ...events, alerts: alerts ?? null })

/** @throws DomainError `channel_refused`, `scope_invalid` */
export const createChannel = (
  database: Db,
  box: SecretBox,
  wanted: NewChannel,
  who: Act & { username: string },
): Promise<{ channel: Channel; secret: string | null }> => {
  requireAddress(wanted.address)
  requireEvents(wanted.kind, wanted.events)
  const scope = scopeOf(wanted.scope)
  const id = randomUUID()
  const made = wanted.kind === 'webhook' ? newWebhookSecret() : undefined
  const secret = wanted.kind === 'grafana' ? ({ kind: 'grafana', token: wanted.token } as const) : made?.secret
  if (secret === undefined) throw new Error('a channel without a secret')
  return database.transaction().execute(async (transaction) => {
    const { count } = await transaction
      .selectFrom('channels')
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .executeTakeFirstOrThrow()
    if (Number(count) >= CHANNELS_MAX) throw refused(`There are ${CHANNELS_MAX} channels already: delete one first.`)
    const name = databaseText(wanted.name)
    await transaction
      .insertInto('channels')
      .values({
        ...{ id, kind: wanted.kind, name, address: wanted.address, events: JSON.stringify(wanted.events), scope },
        ...{ enabled: true, off_because: null, secret: sealChannelSecret(box, id, secret) },
        ...{ public_key: made?.publicKey ?? null, created_by_name: who.username, created_at: who.now },
      })
      .execute()
    await transaction.insertInto('channel_progress').values({ channel_id: id, next_at: who.now }).execute()
    const after = { kind: wanted.kind, to: originOf(wanted.address), events: auditedEvents(wanted.events), scope }
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
  const row = await transaction.selectFrom('channels').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
  if (row === undefined) throw channelNotFound()
  return row
}

/** @throws DomainError `channel_not_found`, `channel_refused`, `scope_invalid` */
export const changeChannel = (
  database: Db,
  box: SecretBox,
  id: string,
  { token, reason, ...wanted }: ChannelChange,
  who: Act,
): Promise<Channel> =>
  database.transaction().execute(async (transaction) => {
    const row = await lockChannel(transaction, id)
    const { name = row.name, address = row.address, events = row.events, enabled = row.enabled } = wanted
    requireAddress(address)
    requireEvents(row.kind, events)
    const scope = wanted.scope === undefined ? row.scope : scopeOf(wanted.scope)
    if (token !== undefined && row.kind !== 'grafana') throw refused('A webhook has a secret that it is given here.')
    // Else whoever may change the address could have a token that nobody can read sent to himself.
    if (row.kind === 'grafana' && token === undefined && originOf(address) !== originOf(row.address)) {
      throw refused('Another Grafana takes another token: give it along with the address.')
    }
    await transaction
      .updateTable('channels')
      .set({
        ...{ name: databaseText(name), address, events: JSON.stringify(events), scope, enabled },
        ...(enabled ? { off_because: null } : {}),
        ...(token === undefined ? {} : { secret: sealChannelSecret(box, id, { kind: 'grafana', token }) }),
      })
      .where('id', '=', id)
      .execute()
    // What was wrong may be mended: it is tried at once.
    await transaction.updateTable('channel_progress').set({ next_at: who.now }).where('channel_id', '=', id).execute()
    const before = {
      name: row.name,
      to: originOf(row.address),
      events: auditedEvents(row.events),
      scope: row.scope,
      enabled: row.enabled,
    }
    const after = {
      name,
      to: originOf(address),
      events: auditedEvents(events),
      scope,
      enabled,
      newToken: token !== undefined,
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
      throw refused('A Grafana channel has its token from Grafana: change it there, then here.')
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

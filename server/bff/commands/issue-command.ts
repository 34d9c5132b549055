import type { CommandMessage } from '@rebootless/shared/contract/agent-message.ts'
import { Command } from '@rebootless/shared/contract/command.ts'
import type { Signed } from '@rebootless/shared/contract/signed.ts'
import { CLOCK_SKEW_MS_MAX } from '@rebootless/shared/domain/agent-link.ts'
import { lostApproval } from '@rebootless/shared/domain/authorisation-state.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { SERVER } from '../access/doer.ts'
import { appendAudit } from '../audit/append-audit.ts'
import type { CommandsTable } from '../database/command-tables.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { appendEvents } from '../events/append-event.ts'
import type { CommandKey } from '../link/command-key.ts'
import { done } from './act.ts'
import { waitsForWave } from './agent-waves.ts'
import { readCommandHosts } from './command-facts.ts'
import { aliveCommands, type Ground, lockGrounds, lockIdentity } from './command-grounds.ts'
import { whyNot } from './why-not.ts'

/** Long enough for a link that breaks and comes back; an agent takes none that is good for longer than a quarter of an hour. */
export const COMMAND_LIFE_MS = 5 * 60_000

type CommandRow = Selectable<CommandsTable>

export interface IssueContext {
  readonly key: CommandKey
  readonly now: Date
}

/** A command that is to be on its way to its host. */
export interface ToSend {
  readonly commandId: string
  readonly message: CommandMessage
}

/**
 * What a host is to be sent now: the command that it has yet to acknowledge, again; else the next one that may be made,
 * made in this transaction, which holds every ground of the decision until it commits: the host and its certificate,
 * freeze, authorisation, approvers (threat-model T17, T18, T25, T28). Host by host one at a time, so commands arrive in the order of their sequence (T19).
 * @param hostKey SHA-256 of the key by which the host's link was opened, hex
 */
export const issueCommand = (
  database: Kysely<DatabaseSchema>,
  hostId: string,
  hostKey: string,
  context: IssueContext,
): Promise<ToSend | undefined> =>
  database.transaction().execute(async (transaction) => {
    const identity = await lockIdentity(transaction, hostId, hostKey)
    if (identity === undefined) return undefined
    const { frozen } = await transaction
      .selectFrom('fleet_freeze')
      .select('frozen')
      .forShare()
      .executeTakeFirstOrThrow()
    // One row a host: two backends that both hold a link of it, or think so, take turns.
    await sql`
      insert into command_sequences (host_id, epoch, sequence)
      select id, 0, 0 from hosts where id = ${hostId} on conflict do nothing`.execute(transaction)
    await transaction
      .selectFrom('command_sequences')
      .select('host_id')
      .where('host_id', '=', hostId)
      .forUpdate()
      .execute()
    const grounds = await lockGrounds(transaction, hostId)
    const alive = await aliveCommands(transaction, hostId).forUpdate().execute()
    const underWay = alive.find(({ state, started_at: startedAt }) => state === 'sent' && startedAt === null)
    if (underWay !== undefined) {
      const ground = grounds.get(underWay.authorisation_id)
      return ground && sendAgain(underWay, ground, frozen || identity.quarantined, context)
    }

    const host = alive.length === 0 ? undefined : (await readCommandHosts(transaction, [hostId])).get(hostId)
    if (host === undefined) return undefined
    let changed = false
    for (const command of alive.filter(({ state }) => state === 'waiting')) {
      const ground = grounds.get(command.authorisation_id)
      if (ground === undefined) continue
      const waitsFor = frozen
        ? 'All changes are frozen.'
        : (whyNot(command, ground, host, context.now) ??
          (await waitsForWave(transaction, ground.authorisation, hostId)))
      if (waitsFor === null) return await make(transaction, command, ground, { ...host, hostKey }, context)
      if (waitsFor === command.waiting_for) continue
      await transaction.updateTable('commands').set({ waiting_for: waitsFor }).where('id', '=', command.id).execute()
      changed = true
    }
    if (changed) {
      await appendEvents(transaction, [{ type: 'command.changed', hostId, revision: 0, at: context.now }])
    }
    return undefined
  })

/**
 * A command that was made may be with the host already, so it is said again until the host answers: nothing else could
 * tell. Once it should not be done any more, only when it has run out, so that the answer tells and does nothing.
 */
const sendAgain = (
  command: CommandRow,
  ground: Ground,
  stopped: boolean,
  { key, now }: IssueContext,
): ToSend | undefined => {
  const { authorisation, approvals } = ground
  const cancelled = authorisation.cancelled_at !== null && command.part === 'action'
  const ended = cancelled || authorisation.void_reason !== null || lostApproval(approvals) !== null
  const runOut = command.expires_at !== null && command.expires_at.getTime() + CLOCK_SKEW_MS_MAX < now.getTime()
  if ((stopped || ended) && !runOut) return undefined
  const { payload, signature } = command
  if (payload === null || signature === null) throw new Error(`command ${command.id} was sent without being signed`)
  const signatures = [{ publicKey: key.publicKey, signature }]
  return toSend(command.id, { type: PAYLOAD_TYPES.command, payload, signatures }, ground)
}

const toSend = (commandId: string, command: Signed, { authorisation, approvals }: Ground): ToSend => {
  const signatures = approvals.map(({ publicKey, signature }) => ({ publicKey, signature }))
  const approved = { type: PAYLOAD_TYPES.authorisation, payload: authorisation.payload, signatures }
  return { commandId, message: { type: 'command', authorisation: approved, command } }
}

const make = async (
  transaction: Transaction<DatabaseSchema>,
  command: CommandRow,
  ground: Ground,
  host: { name: string; hostKey: string },
  { key, now }: IssueContext,
): Promise<ToSend> => {
  const { authorisation, approvals } = ground
  const hostId = command.host_id
  const { rows } = await sql<{ epoch: string; sequence: string }>`
    update command_sequences set
      sequence = case when command_sequences.epoch = server_epoch.epoch then sequence + 1 else 1 end,
      epoch = server_epoch.epoch
    from server_epoch where host_id = ${hostId}
    returning command_sequences.epoch, command_sequences.sequence`.execute(transaction)
  const [order] = rows
  if (order === undefined) throw new Error(`host ${hostId} has no sequence of commands`)
  const ends = [authorisation.expires_at, ...(command.good_until === null ? [] : [command.good_until])]
  const expiresAt = new Date(Math.min(now.getTime() + COMMAND_LIFE_MS, ...ends.map((end) => end.getTime())))
  const made: Command = {
    version: 1,
    id: command.id,
    authorisation: authorisation.sha256,
    part: command.part,
    hostId,
    hostKey: host.hostKey,
    epoch: Number(order.epoch),
    sequence: Number(order.sequence),
    issuedAt: now.toISOString(),
    expiresAt: expiresAt.toISOString(),
  }
  const signed = key.sign(PAYLOAD_TYPES.command, canonicalJson(Command.parse(made)))
  await transaction
    .updateTable('commands')
    .set({
      state: 'sent',
      waiting_for: null,
      epoch: made.epoch,
      sequence: made.sequence,
      payload: signed.payload,
      signature: signed.signatures[0]?.signature ?? null,
      issued_at: now,
      expires_at: expiresAt,
    })
    .where('id', '=', command.id)
    .execute()
  await appendAudit(
    transaction,
    done(
      { ...SERVER, now },
      {
        action: 'command.send',
        target: { kind: 'host', id: hostId, name: host.name },
        after: {
          command: command.id,
          authorisation: authorisation.id,
          action: authorisation.action,
          part: command.part,
          epoch: made.epoch,
          sequence: made.sequence,
          approvers: approvals.map(({ username }) => username),
        },
      },
    ),
  )
  await appendEvents(transaction, [{ type: 'command.changed', hostId, revision: 0, at: now }])
  return toSend(command.id, signed, ground)
}

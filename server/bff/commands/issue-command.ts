import type { CommandMessage } from '@rebootless/shared/contract/agent-message.ts'
import { Authorisation, Command } from '@rebootless/shared/contract/command.ts'
import type { Signed } from '@rebootless/shared/contract/signed.ts'
import { CLOCK_SKEW_MS_MAX } from '@rebootless/shared/domain/agent-link.ts'
import { approvalsNeeded } from '@rebootless/shared/domain/approvals-needed.ts'
import { lostApproval } from '@rebootless/shared/domain/authorisation-state.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { counted } from '@rebootless/shared/domain/sentence.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { SERVER } from '../access/doer.ts'
import { appendAudit } from '../audit/append-audit.ts'
import type { CommandsTable } from '../database/command-tables.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { appendEvents } from '../events/append-event.ts'
import type { CommandKey } from '../link/command-key.ts'
import { done } from './act.ts'
import { readApprovals, type StoredApproval } from './approvals.ts'
import { type CommandHost, readCommandHosts } from './command-facts.ts'

/** Long enough for a link that breaks and comes back; an agent takes none that is good for longer than a quarter of an hour. */
export const COMMAND_LIFE_MS = 5 * 60_000

type CommandRow = Selectable<CommandsTable>
type AuthorisationRow = Selectable<DatabaseSchema['authorisations']>

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
 * made in this transaction, which holds every ground of the decision until it commits: freeze, authorisation, approvers
 * (threat-model T25, T28). Host by host one at a time, so commands arrive in the order of their sequence (T19).
 * @param hostKey SHA-256 of the key by which the host's link was opened, hex
 */
export const issueCommand = (
  database: Kysely<DatabaseSchema>,
  hostId: string,
  hostKey: string,
  context: IssueContext,
): Promise<ToSend | undefined> =>
  database.transaction().execute(async (transaction) => {
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
      return ground && sendAgain(underWay, ground, frozen, context)
    }

    const host = alive.length === 0 ? undefined : (await readCommandHosts(transaction, [hostId])).get(hostId)
    if (host === undefined) return undefined
    for (const command of alive.filter(({ state }) => state === 'waiting')) {
      const ground = grounds.get(command.authorisation_id)
      if (ground === undefined) continue
      const waitsFor = frozen ? 'All changes are frozen.' : whyNot(command, ground, host, context.now)
      if (waitsFor === null) return await make(transaction, command, ground, { ...host, hostKey }, context)
      if (waitsFor === command.waiting_for) continue
      await transaction.updateTable('commands').set({ waiting_for: waitsFor }).where('id', '=', command.id).execute()
      await appendEvents(transaction, [{ type: 'command.changed', hostId, revision: 0, at: context.now }])
    }
    return undefined
  })

/** More than these wait for their turn. */
const ALIVE_MAX = 50

const aliveCommands = (transaction: Transaction<DatabaseSchema>, hostId: string) =>
  transaction
    .selectFrom('commands')
    .selectAll()
    .where('host_id', '=', hostId)
    .where('state', 'in', ['waiting', 'sent'])
    .orderBy('created_at')
    .orderBy('id')
    .limit(ALIVE_MAX)

/** What a command rests on. */
interface Ground {
  readonly authorisation: AuthorisationRow
  readonly approvals: readonly StoredApproval[]
}

/**
 * Holds what this host's commands rest on, and the rows that make approvals good: a cancellation, a user who is being
 * disabled, a key that is being taken back, waits for this transaction or is seen by it. Before the commands themselves,
 * as everyone who changes both does.
 */
const lockGrounds = async (
  transaction: Transaction<DatabaseSchema>,
  hostId: string,
): Promise<ReadonlyMap<string, Ground>> => {
  const ids = [...new Set((await aliveCommands(transaction, hostId).execute()).map((row) => row.authorisation_id))]
  if (ids.length === 0) return new Map()
  const authorisations = await transaction
    .selectFrom('authorisations')
    .selectAll()
    .where('id', 'in', ids)
    .orderBy('id')
    .forShare()
    .execute()
  const signatures = sql`authorisation_signatures where authorisation_id = any(${ids}::uuid[])`
  await sql`select from users where id in (select user_id from ${signatures}) order by id for share`.execute(
    transaction,
  )
  await sql`select from approver_keys where id in (select key_id from ${signatures}) order by id for share`.execute(
    transaction,
  )
  const approvals = await readApprovals(transaction, ids)
  return new Map(authorisations.map((row) => [row.id, { authorisation: row, approvals: approvals.get(row.id) ?? [] }]))
}

/** Why a command may not be made now, in a sentence; null: it may. */
const whyNot = (
  command: CommandRow,
  { authorisation, approvals }: Ground,
  { facts }: CommandHost,
  now: Date,
): string | null => {
  const lost = authorisation.void_reason ?? lostApproval(approvals)
  // What was approved with it to undo it outlives a cancellation, which goes no further and undoes nothing.
  if (authorisation.cancelled_at !== null && command.part === 'action') return 'Its request was cancelled.'
  if (lost !== null) return `The request is void: ${lost}`
  if (authorisation.expires_at <= now) return 'The time of its request is over.'
  const missing = authorisation.approvals_needed - approvals.length
  if (missing > 0) return `It waits for ${counted(missing, 'more approval')}.`
  if (command.not_before > now) return `Its wave begins at ${command.not_before.toISOString()}.`
  if (facts.quarantined) return 'The host is in quarantine: it is seen, and not commanded.'
  const { policy } = facts
  if (policy === null) return 'The agent has not said what its host allows.'
  if (facts.hostClass === 'observe')
    return `The host only lets itself be observed${policy.reason ? `: ${policy.reason}` : ''}.`
  if (policy.stopped) return 'Local root has stopped all changes by a file on the host.'
  if (Math.abs(facts.clockSkewMs ?? 0) > CLOCK_SKEW_MS_MAX) {
    return "The host's clock is more than five minutes off the server's."
  }
  const { action, downgrade } = Authorisation.parse(JSON.parse(authorisation.payload))
  const needed = approvalsNeeded({ hostClass: facts.hostClass, threshold: policy.threshold }, { action, downgrade })
  const known = new Set(policy.approvers.map(({ publicKey }) => publicKey))
  const counting = approvals.filter(
    ({ publicKey, userId }) => known.has(publicKey) && userId !== authorisation.requested_by,
  )
  if (counting.length >= needed) return null
  const have = `${counting.length} of ${counted(needed, 'approval')} by keys that this host's agent.json names`
  return counting.length < approvals.length ? `It has ${have}; other keys have signed.` : `It has ${have}.`
}

/**
 * A command that was made may be with the host already, so it is said again until the host answers: nothing else could
 * tell. Once it should not be done any more, only when it has run out, so that the answer tells and does nothing.
 */
const sendAgain = (
  command: CommandRow,
  ground: Ground,
  frozen: boolean,
  { key, now }: IssueContext,
): ToSend | undefined => {
  const { authorisation, approvals } = ground
  const cancelled = authorisation.cancelled_at !== null && command.part === 'action'
  const ended = cancelled || authorisation.void_reason !== null || lostApproval(approvals) !== null
  const runOut = command.expires_at !== null && command.expires_at.getTime() + CLOCK_SKEW_MS_MAX < now.getTime()
  if ((frozen || ended) && !runOut) return undefined
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
  const expiresAt = new Date(Math.min(now.getTime() + COMMAND_LIFE_MS, authorisation.expires_at.getTime()))
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

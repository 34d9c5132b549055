import type { CommandResult } from '@rebootless/shared/contract/agent-message.ts'
import type { AuditEntry } from '@rebootless/shared/contract/audit.ts'
import type { CommandRefusal } from '@rebootless/shared/domain/command-refusals.ts'
import type { CommandState } from '@rebootless/shared/domain/words.ts'
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import type { CommandsTable } from '../database/command-tables.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { appendEvents } from '../events/append-event.ts'
import { done } from './act.ts'
import { insertWaiting } from './insert-waiting.ts'
import { noteLostCommand } from './lost-command.ts'
import { notifyCommands } from './notify.ts'

/** Refusals that only say "not now": nothing was done, and another command may be made of the same authorisation. */
const NOT_NOW: readonly string[] = [
  'command_expired',
  'host_key_wrong',
  'frozen',
  'wave_not_begun',
  'busy',
] satisfies CommandRefusal[]
const AGAIN_AFTER_MS = 30_000
/** A host that refuses so often will refuse the next time too. */
const COMMANDS_MAX = 5

/**
 * The host's number was higher than the command's: it has had it and lost what became of it, or this server's counting
 * went back. Nobody can tell whether it was done.
 */
const NOT_TOLD: CommandRefusal = 'sequence_old'

/**
 * Stores what a host says of a command of its own: how it gets on until it ends; the first end that it tells stays, however often and in whatever
 * order it is said again. What it says of others' commands, or of none of ours, changes nothing.
 * @returns whether it was news
 */
export const storeResult = (
  database: Kysely<DatabaseSchema>,
  hostId: string,
  result: CommandResult,
  now: Date,
): Promise<boolean> =>
  database.transaction().execute(async (transaction) => {
    // Before the command, as everyone who changes both does.
    await sql`
      select from authorisations where id = (
        select authorisation_id from commands where id = ${result.commandId} and host_id = ${hostId}
      ) for share`.execute(transaction)
    const command = await transaction
      .selectFrom('commands')
      .selectAll()
      .where('id', '=', result.commandId)
      .where('host_id', '=', hostId)
      .where('state', '=', 'sent')
      .forUpdate()
      .executeTakeFirst()
    if (command === undefined) {
      await noteLostCommand(transaction, hostId, result, now)
      return false
    }
    if (result.state === 'started' && command.started_at !== null)
      return storeProgress(transaction, command, result, now)

    const detail = databaseText(result.detail)
    const code = result.code === null ? null : databaseText(result.code)
    const state: CommandState = result.state === 'started' ? 'sent' : endOf(result)
    await transaction
      .updateTable('commands')
      .set(
        result.state === 'started'
          ? { started_at: now, detail }
          : { state, code, detail, ended_at: now, started_at: command.started_at ?? now },
      )
      .where('id', '=', command.id)
      .execute()
    if (state === 'expired') await another(transaction, command, now)
    await appendAudit(transaction, await entry(transaction, command, result, { state, code, detail }, now))
    await notifyCommands(transaction)
    await appendEvents(transaction, [{ type: 'command.changed', hostId, revision: 0, at: now }])
    return true
  })

/**
 * How a command that runs gets on, as its host last said: that its transition stalls, and on whom. Pages are told; the audit
 * log holds beginnings and ends, so that a host cannot fill it.
 */
const storeProgress = async (
  transaction: Transaction<DatabaseSchema>,
  { id, host_id: hostId, detail: before }: Selectable<CommandsTable>,
  result: CommandResult,
  now: Date,
): Promise<boolean> => {
  const detail = databaseText(result.detail)
  if (detail === before) return false
  await transaction.updateTable('commands').set({ detail }).where('id', '=', id).execute()
  await appendEvents(transaction, [{ type: 'command.changed', hostId, revision: 0, at: now }])
  return true
}

const endOf = ({ state, code }: CommandResult): CommandState => {
  if (state === 'started') return 'sent'
  if (state !== 'refused') return state
  if (code === NOT_TOLD) return 'unknown'
  return code !== null && NOT_NOW.includes(code) ? 'expired' : 'refused'
}

/** One more of the same kind, unless its authorisation is over, which the next look finds. */
const another = async (
  transaction: Transaction<DatabaseSchema>,
  command: Selectable<CommandsTable>,
  now: Date,
): Promise<void> => {
  const { count } = await transaction
    .selectFrom('commands')
    .select(sql<string>`count(*)`.as('count'))
    .where('authorisation_id', '=', command.authorisation_id)
    .where('host_id', '=', command.host_id)
    .where('part', '=', command.part)
    .where('rollout_order', 'is not distinct from', command.rollout_order)
    .executeTakeFirstOrThrow()
  const authorisation = await transaction
    .selectFrom('authorisations')
    .select(['cancelled_at', 'void_reason', 'expires_at'])
    .where('id', '=', command.authorisation_id)
    .executeTakeFirstOrThrow()
  const over =
    authorisation.cancelled_at !== null || authorisation.void_reason !== null || authorisation.expires_at <= now
  const notBefore = new Date(Math.max(command.not_before.getTime(), now.getTime() + AGAIN_AFTER_MS))
  const tooLate = command.good_until !== null && command.good_until <= notBefore
  if (over || tooLate || Number(count) >= COMMANDS_MAX) return
  await insertWaiting(transaction, [
    {
      authorisationId: command.authorisation_id,
      part: command.part,
      hostId: command.host_id,
      notBefore,
      order:
        command.rollout_order === null || command.good_until === null
          ? undefined
          : { id: command.rollout_order, goodUntil: command.good_until },
      waitingFor: 'The host did not take the last one in time: another is made shortly.',
      now,
    },
  ])
}

const entry = async (
  transaction: Transaction<DatabaseSchema>,
  command: Selectable<CommandsTable>,
  result: CommandResult,
  stored: { state: CommandState; code: string | null; detail: string },
  now: Date,
): Promise<AuditEntry> => {
  const { name } = await transaction
    .selectFrom('hosts')
    .select('name')
    .where('id', '=', command.host_id)
    .executeTakeFirstOrThrow()
  const said = done(
    { actor: { kind: 'host', id: command.host_id, name, address: null }, requestId: null, now },
    {
      action: result.state === 'started' ? 'command.start' : 'command.result',
      target: { kind: 'host', id: command.host_id, name },
      after: { command: command.id, authorisation: command.authorisation_id, part: command.part, ...stored },
    },
  )
  if (result.state === 'started' || result.state === 'done') return said
  const outcome = result.state === 'refused' ? 'refused' : 'failed'
  return { ...said, result: outcome, problem: stored.code ?? result.state }
}

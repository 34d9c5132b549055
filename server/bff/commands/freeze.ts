import type { ServerMessage } from '@rebootless/shared/contract/agent-message.ts'
import type { AuditEntry } from '@rebootless/shared/contract/audit.ts'
import { Freeze } from '@rebootless/shared/contract/command.ts'
import type { FleetFreeze } from '@rebootless/shared/contract/commands-api.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { isLiftAsked } from '@rebootless/shared/domain/freeze-lift.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { appendEvents } from '../events/append-event.ts'
import type { CommandKey } from '../link/command-key.ts'
import { type Act, done } from './act.ts'
import { notifyCommands } from './notify.ts'

type Row = Selectable<DatabaseSchema['fleet_freeze']>
type Person = Act & { readonly userId: string; readonly username: string }

const TARGET = { kind: 'fleet', id: 'fleet', name: null }

const viewOf = (row: Row): FleetFreeze => ({
  frozen: row.frozen,
  reason: row.reason,
  changedBy: row.changed_by,
  changedAt: row.changed_at?.toISOString() ?? null,
  liftAskedBy: row.lift_asked_by,
  liftAskedAt: row.lift_asked_at?.toISOString() ?? null,
})

export const readFreeze = async (database: Kysely<DatabaseSchema>): Promise<FleetFreeze> =>
  viewOf(await database.selectFrom('fleet_freeze').selectAll().executeTakeFirstOrThrow())

/** What agents are told; undefined: the fleet was never frozen. */
export const readFreezeMessage = async (
  database: Kysely<DatabaseSchema>,
  key: CommandKey,
): Promise<{ order: string; message: ServerMessage } | undefined> => {
  const { payload, signature, epoch, sequence } = await database
    .selectFrom('fleet_freeze')
    .selectAll()
    .executeTakeFirstOrThrow()
  if (payload === null || signature === null) return undefined
  const signatures = [{ publicKey: key.publicKey, signature }]
  return {
    order: `${epoch}/${sequence}`,
    message: { type: 'freeze', freeze: { type: PAYLOAD_TYPES.freeze, payload, signatures } },
  }
}

/** The lock holds off every transaction that would send a command (issue-command.ts), and they hold it off. */
const lock = (transaction: Transaction<DatabaseSchema>): Promise<Row> =>
  transaction.selectFrom('fleet_freeze').selectAll().forUpdate().executeTakeFirstOrThrow()

const change = async (
  transaction: Transaction<DatabaseSchema>,
  row: Row,
  to: { frozen: boolean; reason: string | null },
  who: Person,
  key: CommandKey,
): Promise<Row> => {
  const { epoch } = await transaction.selectFrom('server_epoch').select('epoch').executeTakeFirstOrThrow()
  const sequence = Number(row.sequence) + 1
  const at = who.now.toISOString()
  const freeze: Freeze = { version: 1, frozen: to.frozen, epoch: Number(epoch), sequence, at }
  const signed = key.sign(PAYLOAD_TYPES.freeze, canonicalJson(Freeze.parse(freeze)))
  const asked = { lift_asked_by_id: null, lift_asked_by: null, lift_asked_at: null }
  const changed = await transaction
    .updateTable('fleet_freeze')
    .set({
      ...to,
      ...asked,
      changed_by: who.username,
      changed_at: who.now,
      epoch: Number(epoch),
      sequence,
      payload: signed.payload,
      signature: signed.signatures[0]?.signature ?? null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  const entry = done(who, {
    action: to.frozen ? 'fleet.freeze' : 'fleet.unfreeze',
    target: TARGET,
    reason: to.reason,
    before: { frozen: row.frozen, liftAskedBy: row.lift_asked_by },
    after: { frozen: to.frozen },
  })
  if (to.frozen) await auditIfPossible(transaction, entry)
  else await appendAudit(transaction, entry)
  await tell(transaction, who.now)
  return changed
}

/** The one act that is done without its audit row when there can be none: stopping must not hang on it (T28). */
const auditIfPossible = async (transaction: Transaction<DatabaseSchema>, entry: AuditEntry): Promise<void> => {
  await sql`savepoint before_audit`.execute(transaction)
  await appendAudit(transaction, entry).catch(() => sql`rollback to savepoint before_audit`.execute(transaction))
}

const tell = async (transaction: Transaction<DatabaseSchema>, at: Date): Promise<void> => {
  await notifyCommands(transaction)
  await appendEvents(transaction, [{ type: 'freeze.changed', hostId: null, revision: 0, at }])
}

/** Stops all changes: when this resolves, no command will be made any more (threat-model T28). Again is no fault. */
export const freezeFleet = (
  database: Kysely<DatabaseSchema>,
  reason: string,
  who: Person,
  key: CommandKey,
): Promise<FleetFreeze> =>
  database.transaction().execute(async (transaction) => {
    const row = await lock(transaction)
    return viewOf(await change(transaction, row, { frozen: true, reason }, who, key))
  })

/**
 * The first asks, and a second person confirms within the hour (threat-model T28).
 * @throws DomainError `freeze_refused`
 */
export const liftFreeze = (database: Kysely<DatabaseSchema>, who: Person, key: CommandKey): Promise<FleetFreeze> =>
  database.transaction().execute(async (transaction) => {
    const row = await lock(transaction)
    if (!row.frozen) throw new DomainError('freeze_refused', 'Nothing is frozen.')
    const asked = row.lift_asked_by_id !== null && isLiftAsked(row.lift_asked_at?.getTime() ?? null, who.now.getTime())
    if (asked && row.lift_asked_by_id !== who.userId) {
      return viewOf(await change(transaction, row, { frozen: false, reason: null }, who, key))
    }
    if (asked) throw new DomainError('freeze_refused', 'You have asked already: another person has to confirm it.')
    const changed = await transaction
      .updateTable('fleet_freeze')
      .set({ lift_asked_by_id: who.userId, lift_asked_by: who.username, lift_asked_at: who.now })
      .returningAll()
      .executeTakeFirstOrThrow()
    await appendAudit(
      transaction,
      done(who, { action: 'fleet.ask_unfreeze', target: TARGET, before: { frozen: true } }),
    )
    await tell(transaction, who.now)
    return viewOf(changed)
  })

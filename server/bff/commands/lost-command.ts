import type { CommandResult } from '@rebootless/shared/contract/agent-message.ts'
import { AuditEntry } from '@rebootless/shared/contract/audit.ts'
import { CLOCK_SKEW_MS_MAX } from '@rebootless/shared/domain/agent-link.ts'
import type { Transaction } from 'kysely'
import { SERVER } from '../access/doer.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { quarantineHost } from '../enrolment/quarantine.ts'

/**
 * A host tells of a command that is not in the database. Where a backup was restored and the host did it in the time that was lost,
 * it is ahead of the database: it is marked, and commanded no more until somebody has looked at it (threat-model T32). Once is enough,
 * so a host that makes commands up does nothing but this to itself.
 */
export const noteLostCommand = async (
  transaction: Transaction<DatabaseSchema>,
  hostId: string,
  { commandId, at }: Pick<CommandResult, 'commandId' | 'at'>,
  now: Date,
): Promise<void> => {
  const lost = await lostTime(transaction)
  const did = Date.parse(at)
  if (lost === undefined || did < lost.from - CLOCK_SKEW_MS_MAX || did > lost.to + CLOCK_SKEW_MS_MAX) return
  const known = await transaction.selectFrom('commands').select('id').where('id', '=', commandId).executeTakeFirst()
  if (known !== undefined) return
  const host = await transaction.selectFrom('hosts').selectAll().where('id', '=', hostId).forUpdate().executeTakeFirst()
  if (host === undefined || host.quarantined_at !== null) return
  const reason = `It did command ${commandId} at ${at}, of which the restored backup does not know. Look at the host, then lift this.`
  await quarantineHost(transaction, host, { reason, now, actor: SERVER.actor, requestId: null })
}

/** Between the last backup that was restored and its restore; undefined: none was. */
const lostTime = async (transaction: Transaction<DatabaseSchema>) => {
  const row = await transaction
    .selectFrom('audit')
    .select(['at', 'entry'])
    .where('action', '=', 'server.restore')
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const from = Date.parse(String(AuditEntry.parse(JSON.parse(row.entry)).after?.backupAt))
  return { from, to: row.at.getTime() }
}

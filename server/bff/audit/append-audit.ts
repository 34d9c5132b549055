import { AuditEntry } from '@rebootless/shared/contract/audit.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import type { Transaction } from 'kysely'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'

/**
 * Appends entries to the chain in the transaction of what they tell of: no row, no action (threat-model T30). The database
 * gives each place and hash (migration 0012) under a lock that it holds until the commit, which gives several backends
 * one chain; so call it when the work is done, and before `appendEvents`. Several in one call cost one way to the
 * database; a thousand and more a second on two cores.
 */
export const appendAudit = async (
  transaction: Transaction<DatabaseSchema>,
  ...entries: readonly AuditEntry[]
): Promise<void> => {
  if (entries.length === 0) return
  await transaction.insertInto('audit').values(entries.map(rowOf)).execute()
}

const rowOf = (entry: AuditEntry) => {
  const { at, action, actor, target, result } = AuditEntry.parse(entry)
  return {
    at: new Date(at),
    action,
    actor_name: databaseText(actor.name),
    target_id: target === null ? null : databaseText(target.id),
    target_name: target?.name == null ? null : databaseText(target.name),
    result,
    entry: canonicalJson(entry),
  }
}

import { sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { Revocation } from './revocation-journal.ts'

/**
 * Has what was revoked after the backup revoked in the restored database too (threat-model T32). What the database does not
 * know of is nobody's any more.
 * @returns how many of each kind were news to it
 */
export const applyRevocations = async (
  transaction: Transaction<DatabaseSchema>,
  revocations: readonly Revocation[],
  backupAt: string,
): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const revocation of revocations) {
    const { kind, ended } = revocation
    // Given back is for people to do again: between, it may have been taken once more.
    if (ended === true) continue
    const { numAffectedRows = 0n } = await apply(transaction, revocation, backupAt)
    if (numAffectedRows > 0n) counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

const apply = async (
  transaction: Transaction<DatabaseSchema>,
  { kind, id, at, reason }: Revocation,
  backupAt: string,
): Promise<{ numAffectedRows?: bigint | undefined }> => {
  switch (kind) {
    case 'certificate':
      return sql`
        update certificates set revoked_at = ${at} where fingerprint = ${id} and revoked_at is null`.execute(
        transaction,
      )
    case 'host removed': {
      await sql`
        update certificates set revoked_at = ${at} where host_id::text = ${id} and revoked_at is null`.execute(
        transaction,
      )
      const said = `It was removed at ${at}; a backup of ${backupAt} brought it back. Remove it again.`
      return quarantine(transaction, id, at, said)
    }
    case 'quarantine':
      return quarantine(transaction, id, at, reason ?? 'It was quarantined after the backup that was restored.')
    case 'approver key':
    case 'publisher key':
      return sql`
        update ${sql.table(kind === 'approver key' ? 'approver_keys' : 'publisher_keys')}
        set revoked_at = ${at} where id::text = ${id} and revoked_at is null`.execute(transaction)
    case 'API token':
      return sql`update api_tokens set ended_at = ${at} where id::text = ${id} and ended_at is null`.execute(
        transaction,
      )
    case 'user':
      return sql`update users set disabled_at = ${at} where id::text = ${id} and disabled_at is null`.execute(
        transaction,
      )
  }
}

const quarantine = (transaction: Transaction<DatabaseSchema>, id: string, at: string, reason: string) =>
  sql`
    update hosts set quarantined_at = ${at}, quarantine_reason = ${reason.slice(0, 500)}, revision = revision + 1
    where id::text = ${id} and quarantined_at is null`.execute(transaction)

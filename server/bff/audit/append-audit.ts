import { createHash } from 'node:crypto'
import { AuditEntry } from '@rebootless/shared/contract/audit.ts'
import { AUDIT_CHAIN_START, auditLinkText } from '@rebootless/shared/domain/audit-chain.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

/** Any fixed number that nothing else locks: the letters of "Rbla". */
const AUDIT_LOCK = 0x52_62_6c_61

/**
 * Appends one entry to the chain in the transaction of what it tells of: no row, no action (threat-model T30). Held until
 * the commit, its lock gives several backends one chain; so call it when the work is done, and before `appendEvents`.
 */
export const appendAudit = async (transaction: Transaction<DatabaseSchema>, entry: AuditEntry): Promise<void> => {
  const text = canonicalJson(AuditEntry.parse(entry))
  await sql`select pg_advisory_xact_lock(${AUDIT_LOCK})`.execute(transaction)
  const last = await transaction
    .selectFrom('audit')
    .select(['sequence', 'hash'])
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
  const sequence = Number(last?.sequence ?? 0) + 1
  const previousHash = last?.hash ?? AUDIT_CHAIN_START
  await transaction
    .insertInto('audit')
    .values({
      sequence,
      at: new Date(entry.at),
      action: entry.action,
      actor_name: entry.actor.name,
      target_id: entry.target?.id ?? null,
      result: entry.result,
      entry: text,
      previous_hash: previousHash,
      hash: createHash('sha256')
        .update(auditLinkText(sequence, previousHash, text))
        .digest('hex'),
    })
    .execute()
}

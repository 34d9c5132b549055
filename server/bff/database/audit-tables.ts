import type { AuditResult } from '@rebootless/shared/domain/words.ts'
import type { ColumnType } from 'kysely'

/** Inserted and never changed. What the database gives itself is never written: place, link and hash. */
interface AuditTable {
  sequence: ColumnType<string, undefined, never>
  at: ColumnType<Date, Date, never>
  action: ColumnType<string, string, never>
  actor_name: ColumnType<string, string, never>
  target_id: ColumnType<string | null, string | null, never>
  target_name: ColumnType<string | null, string | null, never>
  result: ColumnType<AuditResult, AuditResult, never>
  /** Canonical JSON of an AuditEntry: the exact text that the chain hashes. */
  entry: ColumnType<string, string, never>
  previous_hash: ColumnType<string, undefined, never>
  hash: ColumnType<string, undefined, never>
}

interface AuditHeadsTable {
  sequence: ColumnType<string, number | string, never>
  hash: ColumnType<string, string, never>
  signed_at: ColumnType<Date, Date, never>
  /** Canonical JSON of an AuditHead, exactly as signed. */
  payload: ColumnType<string, string, never>
  public_key: ColumnType<string, string, never>
  signature: ColumnType<string, string, never>
}

/** Who did what. */
export interface AuditTables {
  audit: AuditTable
  audit_heads: AuditHeadsTable
}

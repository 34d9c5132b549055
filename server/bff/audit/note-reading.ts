import type { AuditActor } from '@rebootless/shared/contract/audit.ts'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { appendAudit } from './append-audit.ts'

/** Somebody takes or verifies the whole log, or takes what hosts are exposed to. */
export interface Reading {
  readonly action: 'audit.export' | 'audit.verify' | 'compliance.export'
  readonly actor: AuditActor
  readonly requestId: string
  readonly after: Readonly<Record<string, string | null>> | null
}

/**
 * Writes down who reads, before he gets it. Never rejects: a log that takes no entry must still be read, for
 * what it holds is the evidence then (threat-model T33).
 */
export const createReadings =
  (database: Kysely<DatabaseSchema>, clock: Clock, log: Pick<Logger, 'warn'>) =>
  async (reading: Reading): Promise<void> => {
    try {
      await database.transaction().execute((transaction) =>
        appendAudit(transaction, {
          ...{ at: clock.now().toISOString(), target: null, reason: null, before: null },
          ...{ result: 'done', problem: null },
          ...reading,
        }),
      )
    } catch (error) {
      log.warn({ err: error, action: reading.action }, 'a reading could not be written to the audit log')
    }
  }

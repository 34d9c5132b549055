import { sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

/** Heard by every backend: somebody did something to an alert, a silence or a rule. */
export const ALERTS_CHANNEL = 'rebootless_alerts'

/** When this transaction commits, whoever leads takes a step. */
export const notifyAlerts = async (transaction: Transaction<DatabaseSchema>): Promise<void> => {
  await sql`select pg_notify(${ALERTS_CHANNEL}, '')`.execute(transaction)
}

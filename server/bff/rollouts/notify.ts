import { sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

/** Heard by every backend: somebody asked something of a rollout. */
export const ROLLOUTS_CHANNEL = 'rebootless_rollouts'

/** When this transaction commits, the leader looks what is to be done. */
export const notifyRollouts = async (transaction: Transaction<DatabaseSchema>): Promise<void> => {
  await sql`select pg_notify(${ROLLOUTS_CHANNEL}, '')`.execute(transaction)
}

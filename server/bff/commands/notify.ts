import { sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

/** Heard by every backend: something may have to be sent over the links that it holds, or the freeze is another. */
export const COMMANDS_CHANNEL = 'rebootless_commands'

/** When this transaction commits, all backends look what they have to send. */
export const notifyCommands = async (transaction: Transaction<DatabaseSchema>): Promise<void> => {
  await sql`select pg_notify(${COMMANDS_CHANNEL}, '')`.execute(transaction)
}

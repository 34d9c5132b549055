import { randomUUID } from 'node:crypto'
import type { Transaction } from 'kysely'
import type { CommandsTable } from '../database/command-tables.ts'
import type { DatabaseSchema } from '../database/schema.ts'

export interface WaitingCommand {
  readonly authorisationId: string
  readonly part: CommandsTable['part']
  readonly hostId: string
  readonly notBefore: Date
  readonly waitingFor: string | null
  readonly now: Date
  /** Left out: any. */
  readonly id?: string
  /** Of an order of a rollout. */
  readonly order?: { readonly id: string; readonly goodUntil: Date } | undefined
}

/** A statement takes 65,535 parameters. */
const ROWS_AT_ONCE = 500

/** Commands that are to be made as soon as they may be; of what is alive already there is no second. */
export const insertWaiting = async (
  transaction: Transaction<DatabaseSchema>,
  commands: readonly WaitingCommand[],
): Promise<void> => {
  for (let from = 0; from < commands.length; from += ROWS_AT_ONCE) {
    await transaction
      .insertInto('commands')
      .values(
        commands.slice(from, from + ROWS_AT_ONCE).map((command) => ({
          id: command.id ?? randomUUID(),
          authorisation_id: command.authorisationId,
          part: command.part,
          host_id: command.hostId,
          not_before: command.notBefore,
          state: 'waiting' as const,
          waiting_for: command.waitingFor,
          created_at: command.now,
          epoch: null,
          sequence: null,
          payload: null,
          signature: null,
          issued_at: null,
          expires_at: null,
          sent_at: null,
          started_at: null,
          ended_at: null,
          code: null,
          detail: null,
          rollout_order: command.order?.id ?? null,
          good_until: command.order?.goodUntil ?? null,
        })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

import type { Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { appendEvents } from '../events/append-event.ts'

type Changed = 'users' | 'sessions' | 'tokens'

/**
 * Tells pages what changed of somebody, as the last step of the transaction that changed it (append-event.ts).
 * `users`: the list of people, in which one's last sign-in stands too.
 */
export const tellOfPerson = (
  transaction: Transaction<DatabaseSchema>,
  userId: string,
  changed: readonly Changed[],
  at: Date,
): Promise<void> =>
  appendEvents(
    transaction,
    changed.map((what) => ({
      type: `${what}.changed` as const,
      ...{ hostId: null, revision: 0, at },
      ...(what === 'users' ? {} : { userId }),
    })),
  )

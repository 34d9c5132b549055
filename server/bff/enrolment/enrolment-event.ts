import type { Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { appendEvents } from '../events/append-event.ts'

/** Tells pages that join tokens or the waiting room are others now, as the last step of a transaction (append-event.ts). */
export const tellOfEnrolment = (transaction: Transaction<DatabaseSchema>, at: Date): Promise<void> =>
  appendEvents(transaction, [{ type: 'enrolment.changed', hostId: null, revision: 0, at }])

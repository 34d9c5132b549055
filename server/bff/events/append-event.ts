import { sql, type Transaction } from 'kysely'
import type { DatabaseSchema, EventsTable } from '../database/schema.ts'

export const EVENTS_CHANNEL = 'rebootless_events'

export interface NewEvent {
  readonly type: EventsTable['type']
  readonly hostId: string | null
  /** Left out: of no one person. */
  readonly userId?: string
  /** Left out: of no rollout. */
  readonly rolloutId?: string
  readonly revision: number
  readonly at: Date
}

/** Any fixed number that nothing else locks: the letters of "Rble". */
const EVENT_LOCK = 0x52_62_6c_65

/**
 * Appends events as the last step of a transaction, and tells the other backends when it commits.
 *
 * The lock is held until then, so ids rise in the order of commits, and a reader who has seen an id has seen all
 * smaller ones; a bare sequence gives out ids that become visible out of order. It costs no parallelism: NOTIFY takes
 * a lock of its own at commit (PostgreSQL, src/backend/commands/async.c, PreCommit_Notify). Nothing that could wait
 * for a row may follow, else two transactions could wait for each other.
 */
export const appendEvents = async (
  transaction: Transaction<DatabaseSchema>,
  events: readonly NewEvent[],
): Promise<void> => {
  if (events.length === 0) return
  const column = <T>(of: (event: NewEvent) => T) => events.map(of)
  // One way to the database: the ids are drawn for rows that are there only once the lock is held.
  await sql`
    with lock as materialized (select pg_advisory_xact_lock(${EVENT_LOCK})),
    inserted as (
      insert into events (type, host_id, user_id, rollout_id, revision, at)
      select event.* from lock, unnest(
        ${column(({ type }) => type)}::text[], ${column(({ hostId }) => hostId)}::uuid[],
        ${column(({ userId }) => userId ?? null)}::uuid[], ${column(({ rolloutId }) => rolloutId ?? null)}::uuid[],
        ${column(({ revision }) => revision)}::bigint[], ${column(({ at }) => at)}::timestamptz[]
      ) as event
      returning id
    )
    select pg_notify(${EVENTS_CHANNEL}, max(id)::text) from inserted`.execute(transaction)
}

/** Tells pages that these were written or removed, as the last step of the transaction that did it. */
export const tellOf = (
  transaction: Transaction<DatabaseSchema>,
  what: 'exposure' | 'policies' | 'templates' | 'channels' | 'alerts' | 'feeds',
  at: Date,
): Promise<void> => appendEvents(transaction, [{ type: `${what}.changed`, hostId: null, revision: 0, at }])

/** Tells pages that a rollout stands elsewhere, or that a text of it was signed, as the last step of a transaction. */
export const tellOfRollout = (transaction: Transaction<DatabaseSchema>, rolloutId: string, at: Date): Promise<void> =>
  appendEvents(transaction, [{ type: 'rollout.changed', hostId: null, rolloutId, revision: 0, at }])

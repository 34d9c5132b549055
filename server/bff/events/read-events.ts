import { FleetEvent } from '@rebootless/shared/contract/event.ts'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { DatabaseSchema, EventsTable } from '../database/schema.ts'
import { hostSummary, SUMMARY_COLUMNS, SUMMARY_EXPOSURE, type SummaryRow } from '../hosts/host-summary.ts'

/** One event as it goes over the wire. */
export interface Frame {
  readonly id: bigint
  readonly event: FleetEvent
  /** Whom it tells of; null: no host. */
  readonly hostId: string | null
  readonly text: string
}

/** HTML standard, 9.2: a block of `id` and `data`; JSON holds no line break of its own. */
export const frameOf = (id: bigint, event: FleetEvent, hostId: string | null): Frame => ({
  id,
  event,
  hostId,
  text: `id: ${id}\ndata: ${JSON.stringify(event)}\n\n`,
})

const eventOf = (row: Selectable<EventsTable>, summary: SummaryRow | undefined, now: Date): FleetEvent | undefined => {
  const at = row.at.toISOString()
  switch (row.type) {
    case 'freeze.changed':
    case 'exposure.changed':
    case 'users.changed':
    case 'enrolment.changed':
    case 'policies.changed':
    case 'templates.changed':
    case 'channels.changed':
    case 'feeds.changed':
    case 'alerts.changed':
      return { type: row.type, at }
    case 'rollout.changed':
      return row.rollout_id === null ? undefined : { type: row.type, rolloutId: row.rollout_id, at }
    case 'sessions.changed':
    case 'tokens.changed':
      return row.user_id === null ? undefined : { type: row.type, userId: row.user_id, at }
  }
  if (row.host_id === null) return undefined
  switch (row.type) {
    case 'host.changed':
      // The host as it is now, which may be newer than the event: a later row wins, and pages look at `revision`.
      return summary && { type: row.type, host: hostSummary(summary, now), at }
    case 'host.sampled':
      return { type: row.type, hostId: row.host_id, revision: Number(row.revision), at }
    case 'host.removed':
    case 'command.changed':
      return { type: row.type, hostId: row.host_id, at }
  }
}

/**
 * Events of all hosts behind `after`, for EventView to choose from, oldest first, at most `limit`. Of several of one host, person or rollout and type only the last is told, since it
 * says all that the others would. One whose row breaks the contract, as only a hand in the database writes it, is given to `onBroken`
 * and left out: no page could read it, and those behind it are told.
 */
export const readEvents = async (
  database: Kysely<DatabaseSchema>,
  after: bigint,
  limit: number,
  now: Date,
  onBroken: (broken: { id: string; hostId: string | null; problem: string }) => void,
): Promise<{ frames: Frame[]; last: bigint; more: boolean }> => {
  const rows = await database
    .selectFrom('events')
    .selectAll()
    .where('id', '>', String(after))
    .orderBy('id')
    .limit(limit)
    .execute()
  const newest = new Map(rows.map((row) => [`${row.type} ${row.host_id ?? row.user_id ?? row.rollout_id}`, row]))
  const told = [...newest.values()].sort((left, right) => (BigInt(left.id) < BigInt(right.id) ? -1 : 1))
  const changed = told.flatMap((row) => (row.type === 'host.changed' && row.host_id !== null ? [row.host_id] : []))
  const hosts =
    changed.length === 0
      ? []
      : await database
          .selectFrom('hosts')
          .select(SUMMARY_COLUMNS)
          .select(SUMMARY_EXPOSURE)
          .where('hosts.id', 'in', changed)
          .execute()
  const byId = new Map(hosts.map((host) => [host.id, host]))
  const frames = told.flatMap((row) => {
    const event = eventOf(row, byId.get(row.host_id ?? ''), now)
    if (event === undefined) return []
    const parsed = FleetEvent.safeParse(event)
    if (parsed.success) return [frameOf(BigInt(row.id), parsed.data, row.host_id)]
    onBroken({ id: row.id, hostId: row.host_id, problem: parsed.error.issues[0]?.path.join('.') ?? '' })
    return []
  })
  const last = BigInt(rows.at(-1)?.id ?? String(after))
  return { frames, last, more: rows.length === limit }
}

/** Ids of the oldest and the newest event that are kept; zeros when there is none. */
export const eventBounds = async (database: Kysely<DatabaseSchema>): Promise<{ oldest: bigint; newest: bigint }> => {
  const row = await database
    .selectFrom('events')
    .select([sql<string>`coalesce(min(id), 0)`.as('oldest'), sql<string>`coalesce(max(id), 0)`.as('newest')])
    .executeTakeFirstOrThrow()
  return { oldest: BigInt(row.oldest), newest: BigInt(row.newest) }
}

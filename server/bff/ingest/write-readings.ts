import type { Heartbeat, ReadingMessage } from '@rebootless/shared/contract/agent-message.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

/** What a host said, but for heartbeats, which write-heartbeats.ts keeps. */
export interface Said {
  readonly hostId: string
  readonly message: Exclude<ReadingMessage, Heartbeat>
  readonly receivedAt: Date
}

const contentOf = (message: Said['message']): { body: object; raw: string | null; hash: string | null } => {
  switch (message.type) {
    case 'snapshot': {
      const { raw, ...snapshot } = message.snapshot
      return { body: snapshot, raw: JSON.stringify(raw), hash: message.hash }
    }
    case 'transition':
      return { body: { sample: message.sample }, raw: null, hash: null }
    case 'kernel_readings':
      return { body: message.readings, raw: null, hash: null }
    case 'task_look':
      return { body: message.look, raw: null, hash: null }
    case 'hello':
      return { body: message, raw: null, hash: null }
  }
}

/** RFC 8259, section 7: in JSON no control character stands for itself, so this one may stand between two. */
const BETWEEN = '\u001e'

/** Texts of JSON, or null, as `json[]`: an array's own form would escape each of their quotation marks, and read it again. */
const jsonArray = (texts: readonly (string | null)[]) =>
  sql`string_to_array(${texts.map((text) => text ?? '').join(BETWEEN)}, ${BETWEEN}, '')::json[]`

/**
 * Keeps messages that are newer than those of their kind that are there; of a host one at most.
 * @returns the hosts whose message was kept; those of the others were repeats, or late
 */
export const writeReadings = async (
  database: Kysely<DatabaseSchema>,
  said: readonly Said[],
): Promise<ReadonlySet<string>> => {
  if (said.length === 0) return new Set()
  const rows = said.map(({ hostId, message, receivedAt }) => {
    const { type: kind, epoch, sequence } = message
    return { hostId, kind, epoch, sequence, receivedAt, ...contentOf(message) }
  })
  const column = <T>(of: (row: (typeof rows)[number]) => T) => rows.map(of)
  // One text of a statement, however many there are: PostgreSQL reads it sooner than one with a parameter for each value.
  const kept = await sql<{ host_id: string }>`
    insert into host_readings (host_id, kind, epoch, sequence, snapshot_hash, body, raw, received_at)
    select * from unnest(
      ${column(({ hostId }) => hostId)}::uuid[], ${column(({ kind }) => kind)}::text[],
      ${column(({ epoch }) => epoch)}::bigint[], ${column(({ sequence }) => sequence)}::bigint[],
      ${column(({ hash }) => hash)}::text[], ${jsonArray(column(({ body }) => JSON.stringify(body)))},
      ${jsonArray(column(({ raw }) => raw))}, ${column(({ receivedAt }) => receivedAt)}::timestamptz[]
    )
    on conflict (host_id, kind) do update set epoch = excluded.epoch, sequence = excluded.sequence,
      snapshot_hash = excluded.snapshot_hash, body = excluded.body, raw = excluded.raw, received_at = excluded.received_at
      where (host_readings.epoch, host_readings.sequence) < (excluded.epoch, excluded.sequence)
    returning host_id`.execute(database)
  return new Set(kept.rows.map((row) => row.host_id))
}

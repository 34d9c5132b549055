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
      ${column(({ hash }) => hash)}::text[], ${column(({ body }) => JSON.stringify(body))}::json[],
      ${column(({ raw }) => raw)}::json[], ${column(({ receivedAt }) => receivedAt)}::timestamptz[]
    )
    on conflict (host_id, kind) do update set epoch = excluded.epoch, sequence = excluded.sequence,
      snapshot_hash = excluded.snapshot_hash, body = excluded.body, raw = excluded.raw, received_at = excluded.received_at
      where (host_readings.epoch, host_readings.sequence) < (excluded.epoch, excluded.sequence)
    returning host_id`.execute(database)
  return new Set(kept.rows.map((row) => row.host_id))
}

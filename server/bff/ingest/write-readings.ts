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
    const { body, raw, hash } = contentOf(message)
    const { type: kind, epoch, sequence } = message
    const place = { host_id: hostId, kind, epoch, sequence, received_at: receivedAt }
    return { ...place, snapshot_hash: hash, body: JSON.stringify(body), raw }
  })
  const kept = await database
    .insertInto('host_readings')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['host_id', 'kind'])
        .doUpdateSet((eb) => ({
          epoch: eb.ref('excluded.epoch'),
          sequence: eb.ref('excluded.sequence'),
          snapshot_hash: eb.ref('excluded.snapshot_hash'),
          body: eb.ref('excluded.body'),
          raw: eb.ref('excluded.raw'),
          received_at: eb.ref('excluded.received_at'),
        }))
        .where(sql<boolean>`(host_readings.epoch, host_readings.sequence) < (excluded.epoch, excluded.sequence)`),
    )
    .returning('host_id')
    .execute()
  return new Set(kept.map((row) => row.host_id))
}

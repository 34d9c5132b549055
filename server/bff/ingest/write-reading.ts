import type { AgentMessage } from '@rebootless/shared/contract/agent-message.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

const contentOf = (message: AgentMessage): { body: object; raw: string | null; hash: string | null } => {
  switch (message.type) {
    case 'snapshot': {
      const { raw, ...snapshot } = message.snapshot
      return { body: snapshot, raw: JSON.stringify(raw), hash: message.hash }
    }
    case 'heartbeat':
      return { body: {}, raw: null, hash: message.snapshotHash }
    case 'transition':
      return { body: { sample: message.sample }, raw: null, hash: null }
    case 'hello':
      return { body: message, raw: null, hash: null }
  }
}

/** Keeps a message when it is newer than the one of its kind that is there. False: it was a repeat, or late. */
export const writeReading = async (
  database: Kysely<DatabaseSchema>,
  hostId: string,
  message: AgentMessage,
  receivedAt: Date,
): Promise<boolean> => {
  const { body, raw, hash } = contentOf(message)
  const result = await database
    .insertInto('host_readings')
    .values({
      host_id: hostId,
      kind: message.type,
      epoch: message.epoch,
      sequence: message.sequence,
      snapshot_hash: hash,
      body: JSON.stringify(body),
      raw,
      received_at: receivedAt,
    })
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
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

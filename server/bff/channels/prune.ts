import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

const DAY_MS = 24 * 60 * 60_000
const DELIVERED_KEPT_MS = 7 * DAY_MS
const DEAD_KEPT_MS = 30 * DAY_MS

/** Delivered messages are kept for a week, to be looked at; dead ones for a month, to be sent again. */
export const pruneDeliveries = async (database: Kysely<DatabaseSchema>, now: Date): Promise<void> => {
  const before = (milliseconds: number) => new Date(now.getTime() - milliseconds)
  await database
    .deleteFrom('channel_deliveries')
    .where((eb) =>
      eb.or([
        eb.and([eb('state', '=', 'delivered'), eb('ended_at', '<', before(DELIVERED_KEPT_MS))]),
        eb.and([eb('state', '=', 'dead'), eb('ended_at', '<', before(DEAD_KEPT_MS))]),
      ]),
    )
    .execute()
}

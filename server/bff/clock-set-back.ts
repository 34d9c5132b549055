import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from './database/schema.ts'

/** Clocks of backends and of the database differ by less. */
const DIFFER = sql`interval '1 minute'`
/** Longer than a channel rests, or a feed waits after a failure (channel-retry.ts, feed-reader.ts). */
const REST_MOST = sql`interval '2 hours'`

/**
 * A clock that went ahead and was set back has left moments that are still to come: hosts that would count as heard until then, and
 * work that would rest until then. All of it is taken for now. What either clock, the database's or `now`, has reached stays: one that
 * is behind must not make the past of others younger.
 * @returns how many rows were mended
 */
export const mendFuture = async (database: Kysely<DatabaseSchema>, now: Date): Promise<number> => {
  const { rows } = await sql<{ mended: string }>`
    with clock as materialized (select greatest(${now}::timestamptz, clock_timestamp()) as now),
    future as materialized (
      select id from hosts, clock where last_seen_at > clock.now + ${DIFFER} order by id for no key update of hosts skip locked
    ), heard as (
      update hosts set last_seen_at = clock.now from clock, future where hosts.id = future.id returning 1
    ), resting as (
      update channel_progress set next_at = least(next_at, clock.now), claimed_until = clock.now from clock
      where next_at > clock.now + ${REST_MOST} or claimed_until > clock.now + ${REST_MOST} returning 1
    ), waiting as (
      update cve_feeds set next_at = least(next_at, clock.now), claimed_until = null from clock
      where next_at > clock.now + every_minutes * interval '1 minute' + ${REST_MOST}
        or claimed_until > clock.now + ${REST_MOST} returning 1
    )
    select (select count(*) from heard) + (select count(*) from resting) + (select count(*) from waiting) as mended
  `.execute(database)
  return Number(rows[0]?.mended ?? 0)
}

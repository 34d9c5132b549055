import { OFFLINE_AFTER_MS, STALE_AFTER_MS } from '@rebootless/shared/domain/host-state.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema, HostsTable } from '../database/schema.ts'
import { appendEvents } from '../events/append-event.ts'
import { isLinked, refreshHosts } from './refresh-hosts.ts'

/** So many rows are locked together, and heartbeats of these hosts wait meanwhile. */
const BATCH = 200

const sweepBatch = (database: Kysely<DatabaseSchema>, now: Date): Promise<number> =>
  database.transaction().execute(async (transaction) => {
    const offlineBefore = new Date(now.getTime() - OFFLINE_AFTER_MS)
    const staleBefore = new Date(now.getTime() - STALE_AFTER_MS)
    const contact = sql<HostsTable['contact']>`case
      when last_seen_at is null then case when connected then 'fresh' else 'offline' end
      when last_seen_at < ${offlineBefore} then 'offline'
      when last_seen_at < ${staleBefore} then 'stale'
      else 'fresh' end`
    // Rows that a message or another backend holds are looked at in the next round.
    const silent = await transaction
      .selectFrom('hosts')
      .selectAll()
      .where('contact', '!=', contact)
      .limit(BATCH)
      .forUpdate()
      .skipLocked()
      .execute()
    const changes = silent.map((before) => {
      // A link that lives brings a heartbeat every few seconds: this one ended with a backend that could not say so, or
      // its host has been heard again over it.
      const dead = before.last_seen_at !== null && before.last_seen_at < offlineBefore
      return { before, change: { at: now, reason: 'none' as const, given: { connected: !dead && isLinked(before) } } }
    })
    const events = await refreshHosts(transaction, changes, now)
    await appendEvents(transaction, events)
    return silent.length
  })

/**
 * Moves hosts that time alone has made stale or offline, and those that were heard again: deriveHost's `contactOf` in SQL,
 * but that a long silence ends a link as well. Returns how many.
 */
export const sweepSilentHosts = async (database: Kysely<DatabaseSchema>, now: Date): Promise<number> => {
  let swept = 0
  for (;;) {
    const count = await sweepBatch(database, now)
    swept += count
    if (count < BATCH) return swept
  }
}

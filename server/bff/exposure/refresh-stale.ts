import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { appendEvents } from '../events/append-event.ts'
import { lockHosts, refreshHosts } from '../ingest/refresh-hosts.ts'

/** So many rows are locked together. */
const HOSTS_AT_ONCE = 200

/**
 * Looks again at hosts of whose modules the catalogue says something else, at those that were read before there were classes, and
 * closes what is open of hosts that are no more. @returns how many hosts were looked at
 */
export const refreshStale = async (database: Kysely<DatabaseSchema>, now: Date): Promise<number> => {
  const looked = (await refreshUnplaced(database, now)) + (await refreshOfModules(database, now))
  await sql`update host_exposure set to_at = greatest(${now}::timestamptz, from_at + interval '1 millisecond')
    where to_at is null and not exists (select from hosts where hosts.id = host_exposure.host_id)`.execute(database)
  return looked
}

const refresh = (database: Kysely<DatabaseSchema>, ids: readonly string[], now: Date): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const hosts = await lockHosts(transaction, ids)
    const changes = [...hosts.values()].map((before) => ({ before, change: { at: now, reason: 'none' as const } }))
    if (changes.length > 0) await appendEvents(transaction, await refreshHosts(transaction, changes, now))
  })

const refreshUnplaced = async (database: Kysely<DatabaseSchema>, now: Date): Promise<number> => {
  let looked = 0
  for (;;) {
    const rows = await database
      .selectFrom('hosts')
      .select('id')
      .where('exposure_print', 'is', null)
      .where('read_at', 'is not', null)
      .limit(HOSTS_AT_ONCE)
      .execute()
    if (rows.length === 0) return looked
    await refresh(
      database,
      rows.map(({ id }) => id),
      now,
    )
    looked += rows.length
  }
}

/** What was noted while it looks stays for the next time. */
const refreshOfModules = async (database: Kysely<DatabaseSchema>, now: Date): Promise<number> => {
  const noted = await database.selectFrom('exposure_stale_modules').selectAll().execute()
  if (noted.length === 0) return 0
  const names = [...new Set(noted.map(({ name }) => name))]
  const rows = await database
    .selectFrom('hosts')
    .select('id')
    .where(sql<boolean>`patch_names && ${names}::text[]`)
    .orderBy('id')
    .execute()
  for (let index = 0; index < rows.length; index += HOSTS_AT_ONCE) {
    const some = rows.slice(index, index + HOSTS_AT_ONCE).map(({ id }) => id)
    await refresh(database, some, now)
  }
  const ids = noted.map(({ id }) => id)
  await database.deleteFrom('exposure_stale_modules').where('id', 'in', ids).execute()
  return rows.length
}

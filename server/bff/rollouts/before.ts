import { type Kysely, sql } from 'kysely'
import type { PressureBefore } from '../database/kernel-tables.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { HOUR_MS, meansOf, type PressureSample, readPressureSamples } from '../hosts/kernel-pressure.ts'
import { readReadings } from '../ingest/read-readings.ts'
import { taintsOf } from './incidents.ts'

/** Snapshots are large: so many are held at once. */
const IDS_AT_ONCE = 32

const beforeOf = (samples: readonly PressureSample[]): PressureBefore => {
  const last = samples.at(-1)
  return { means: meansOf(samples), newest: last === undefined ? null : { ...last, at: last.at.toISOString() } }
}

/** How hosts stand when their first order is given: what comes after it is the change's. */
export const keepBefore = async (
  database: Kysely<DatabaseSchema>,
  rollout: string,
  hosts: readonly string[],
  now: Date,
): Promise<void> => {
  for (let from = 0; from < hosts.length; from += IDS_AT_ONCE) {
    const ids = hosts.slice(from, from + IDS_AT_ONCE)
    const readings = await readReadings(database, ids)
    const rows = await database.selectFrom('hosts').select(['id', 'clock_skew_ms']).where('id', 'in', ids).execute()
    const skews = new Map(rows.map(({ id, clock_skew_ms: skew }) => [id, skew ?? 0]))
    const hourAgo = (id: string) => new Date(now.getTime() + (skews.get(id) ?? 0) - HOUR_MS)
    const samples = await readPressureSamples(
      database,
      ids.map((id) => ({ id, from: hourAgo(id) })),
    )
    const taints = ids.map((id) => taintsOf(readings.get(id)?.snapshot?.body ?? null))
    const before = ids.map((id) => JSON.stringify(beforeOf(samples.get(id) ?? [])))
    await sql`
      update rollout_hosts set told_at = ${now}, taints = stood.taints, before = stood.before
      from unnest(${ids}::uuid[], ${taints}::text[], ${before}::json[]) as stood (host_id, taints, before)
      where rollout_hosts.rollout_id = ${rollout} and rollout_hosts.host_id = stood.host_id`.execute(database)
  }
}

import type { KernelReadings, Pressure } from '@rebootless/shared/contract/kernel-readings.ts'
import { type Kysely, type Selectable, sql } from 'kysely'
import { databaseText } from '../database/database-text.ts'
import type { KernelPressureTable, PressureMeans } from '../database/kernel-tables.ts'
import type { DatabaseSchema } from '../database/schema.ts'

export const HOUR_MS = 60 * 60_000
/** Shorter than that, what a reading late by a second adds would be told as pressure. */
const SPAN_MS_MIN = 30_000
const SLOT_MS = 5 * 60_000

export type PressureSample = Pick<
  Selectable<KernelPressureTable>,
  'boot_id' | 'at' | 'cpu_us' | 'memory_us' | 'io_us' | 'load'
>

/**
 * What is kept of hosts' pressure, oldest first, the newest reading last; times are the hosts' own. `from`: by the host's own clock,
 * and the last before it is given as well, since a mean begins there.
 */
export const readPressureSamples = async (
  database: Kysely<DatabaseSchema>,
  hosts: readonly { readonly id: string; readonly from: Date }[],
): Promise<ReadonlyMap<string, PressureSample[]>> => {
  const found = new Map<string, PressureSample[]>(hosts.map(({ id }) => [id, []]))
  if (hosts.length === 0) return found
  const ids = [...found.keys()]
  const since = new Map(hosts.map(({ id, from }) => [id, new Date(from.getTime() - SLOT_MS)]))
  const isIn = (id: string, at: Date) => at >= (since.get(id) ?? at)
  const { rows } = await sql<PressureSample & { host_id: string }>`
    select host_id, boot_id, at, cpu_us, memory_us, io_us, load from kernel_pressure
    where host_id = any(${ids}::uuid[]) order by at`.execute(database)
  for (const { host_id: id, ...sample } of rows) if (isIn(id, sample.at)) found.get(id)?.push(sample)
  // Whole, not by its fields: PostgreSQL refuses to look into JSON with U+0000, which a host may have sent.
  const newest = await database
    .selectFrom('host_readings')
    .select(['host_id', 'body'])
    .where('host_id', 'in', ids)
    .where('kind', '=', 'kernel_readings')
    .execute()
  for (const { host_id: id, body } of newest) {
    const { readAt, bootId, pressure, load } = body as KernelReadings
    const at = new Date(readAt)
    const last = found.get(id)?.at(-1)
    if (!isIn(id, at) || (last !== undefined && last.at >= at)) continue
    found.get(id)?.push({
      ...{ boot_id: databaseText(bootId ?? ''), at, load: load?.[0] ?? null },
      ...{ cpu_us: textOf(pressure.cpu), memory_us: textOf(pressure.memory), io_us: textOf(pressure.io) },
    })
  }
  return found
}
const textOf = (pressure: Pressure | null): string | null => (pressure === null ? null : String(pressure.total))

/** How the counter grew between samples of one boot, as a share of the time between them in per cent. */
const share = (samples: readonly PressureSample[], column: 'cpu_us' | 'memory_us' | 'io_us'): number | null => {
  let waitedUs = 0
  let spanMs = 0
  for (const [index, later] of samples.entries()) {
    const earlier = samples[index - 1]
    if (earlier === undefined || earlier.boot_id !== later.boot_id) continue
    const [from, to] = [earlier[column], later[column]]
    if (from === null || to === null || Number(to) < Number(from)) continue
    waitedUs += Number(to) - Number(from)
    spanMs += later.at.getTime() - earlier.at.getTime()
  }
  return spanMs < SPAN_MS_MIN ? null : Math.min(100, waitedUs / spanMs / 10)
}

/** Means over the samples, which are of one host and in order. */
export const meansOf = (samples: readonly PressureSample[]): PressureMeans => {
  const loads = samples.flatMap(({ load }) => (load === null ? [] : [load]))
  return {
    ...{ cpu: share(samples, 'cpu_us'), memory: share(samples, 'memory_us'), io: share(samples, 'io_us') },
    load: loads.length === 0 ? null : loads.reduce((sum, load) => sum + load, 0) / loads.length,
  }
}

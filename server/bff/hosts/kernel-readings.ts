import type { HostKernelReadings } from '@rebootless/shared/contract/kernel-readings.ts'
import { incidentsUnknown } from '@rebootless/shared/domain/incidents-unknown.ts'
import type { Kysely, Selectable } from 'kysely'
import type { DatabaseSchema, HostsTable } from '../database/schema.ts'
import { inServerTime } from '../ingest/host-clock.ts'
import { readReadingsOf } from '../ingest/read-readings.ts'
import { HOUR_MS, meansOf, readPressureSamples } from './kernel-pressure.ts'

const INCIDENTS_SHOWN = 100

/** How a host's kernel fares, times in ours. */
export const readKernelReadings = async (
  database: Kysely<DatabaseSchema>,
  { id, clock_skew_ms: skewMs }: Pick<Selectable<HostsTable>, 'id' | 'clock_skew_ms'>,
  now: Date,
): Promise<HostKernelReadings> => {
  const time = (hostTime: string) => inServerTime(hostTime, skewMs).toISOString()
  const readings = (await readReadingsOf(database, id)).kernel_readings?.body ?? null
  const from = new Date(now.getTime() + (skewMs ?? 0) - HOUR_MS)
  const [rows, samples] = await Promise.all([
    database
      .selectFrom('kernel_incidents')
      .select(['boot_id', 'body'])
      .where('host_id', '=', id)
      .orderBy('at', 'desc')
      .orderBy('kmsg_sequence', 'desc')
      .limit(INCIDENTS_SHOWN)
      .execute(),
    readPressureSamples(database, [{ id, from }]),
  ])
  return {
    readings: readings && {
      ...readings,
      readAt: time(readings.readAt),
      log: {
        ...readings.log,
        completeSince: readings.log.completeSince && time(readings.log.completeSince),
        incidents: readings.log.incidents.map((incident) => ({ ...incident, at: time(incident.at) })),
      },
    },
    unknown: incidentsUnknown(readings, null),
    incidents: rows.map(({ boot_id: bootId, body }) => ({ ...body, at: time(body.at), bootId })),
    lastHour: meansOf(samples.get(id) ?? []),
    asOf: now.toISOString(),
  }
}

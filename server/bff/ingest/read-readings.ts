import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostReadings } from './host-readings.ts'

export const NO_READINGS: HostReadings = { hello: null, snapshot: null, transition: null, kernel_readings: null }

/** The registers of hosts, by their ids. Their bodies were parsed by the contract before they were stored. */
export const readReadings = async (
  database: Kysely<DatabaseSchema>,
  hostIds: readonly string[],
): Promise<ReadonlyMap<string, HostReadings>> => {
  const found = new Map<string, HostReadings>()
  if (hostIds.length === 0) return found
  const rows = await database
    .selectFrom('host_readings')
    .select(['host_id', 'kind', 'epoch', 'sequence', 'body'])
    .where('host_id', 'in', hostIds)
    .where('kind', 'not in', ['heartbeat', 'task_look'])
    .execute()
  for (const { host_id: hostId, kind, epoch, sequence, body } of rows) {
    const register = { epoch: Number(epoch), sequence: Number(sequence), body }
    found.set(hostId, { ...(found.get(hostId) ?? NO_READINGS), [kind]: register })
  }
  return found
}

/** The registers of one host. */
export const readReadingsOf = async (database: Kysely<DatabaseSchema>, hostId: string): Promise<HostReadings> =>
  (await readReadings(database, [hostId])).get(hostId) ?? NO_READINGS

import type { Kysely, Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { appendEvents } from '../events/append-event.ts'
import { type Change, type HostRow, lockHosts, refreshHosts } from './refresh-hosts.ts'
import { changedLogs, type WrittenIncident, writeIncidents, writePressure } from './write-kernel-readings.ts'
import { type Said, writeReadings } from './write-readings.ts'
import { writeSets } from './write-sets.ts'

/** Something that befell one host: a word of it, or its link. */
export interface HostChange {
  readonly hostId: string
  /** What it said, if that is it. */
  readonly said?: Said
  /**
   * What becomes of the host; undefined: nothing.
   * @param newer whether what it said was newer than what was there of its kind
   * @param added whether it brought something that was not there
   */
  decide(host: HostRow, newer: boolean, added: boolean): Change | undefined
}

export interface ChangedHost {
  /** As it was before. */
  readonly host: HostRow
  /** Asked for a `hello` only. */
  readonly hasSnapshot: boolean
}

const withSnapshot = async (
  transaction: Transaction<DatabaseSchema>,
  hostIds: readonly string[],
): Promise<ReadonlySet<string>> => {
  if (hostIds.length === 0) return new Set()
  const rows = await transaction
    .selectFrom('host_readings')
    .select('host_id')
    .where('host_id', 'in', hostIds)
    .where('kind', '=', 'snapshot')
    .execute()
  return new Set(rows.map((row) => row.host_id))
}

/**
 * Changes several hosts, of each one thing, in one transaction: lock, store, decide, derive, append events. A dozen
 * statements whether they are one or fifty.
 * @returns in the order of `changes`; undefined: no such host
 */
export const changeHosts = async (
  database: Kysely<DatabaseSchema>,
  changes: readonly HostChange[],
  now: Date,
  /** Told of incidents that are stored by now. */
  onIncidents: (incidents: readonly WrittenIncident[]) => void = () => undefined,
): Promise<(ChangedHost | undefined)[]> => {
  let incidents: readonly WrittenIncident[] = []
  const changed = await database.transaction().execute(async (transaction) => {
    const ids = changes.map(({ hostId }) => hostId)
    const hosts = await lockHosts(transaction, ids)
    const said = changes.flatMap((change) => (change.said && hosts.has(change.hostId) ? [change.said] : []))
    const greeting = said.filter(({ message }) => message.type === 'hello').map(({ hostId }) => hostId)
    const told = await withSnapshot(transaction, greeting)
    const otherLogs = await changedLogs(transaction, said)
    const newer = await writeReadings(transaction, said)
    const added = new Set(await writeSets(transaction, said))
    incidents = await writeIncidents(transaction, said)
    await writePressure(transaction, said)
    for (const { hostId } of incidents) added.add(hostId)
    for (const hostId of otherLogs) if (newer.has(hostId)) added.add(hostId)
    const decided = changes.flatMap(({ hostId, decide }) => {
      const host = hosts.get(hostId)
      const change = host && decide(host, newer.has(hostId), added.has(hostId))
      return host && change ? [{ before: host, change }] : []
    })
    if (decided.length > 0) await appendEvents(transaction, await refreshHosts(transaction, decided, now))
    return ids.map((id) => {
      const host = hosts.get(id)
      return host && { host, hasSnapshot: told.has(id) }
    })
  })
  onIncidents(incidents)
  return changed
}

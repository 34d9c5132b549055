import type { KernelReadings } from '@rebootless/shared/contract/kernel-readings.ts'
import type { KernelIncidentKind } from '@rebootless/shared/domain/kernel-incidents.ts'
import { type Kysely, sql } from 'kysely'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { Said } from './write-readings.ts'

/** Of a ring of kernel_pressure. */
const SLOT_MS = 5 * 60_000
const SLOTS = 24

const toldBy = (said: readonly Said[]) =>
  said.flatMap(({ hostId, message }) => {
    if (message.type !== 'kernel_readings') return []
    const { epoch, sequence, readings } = message
    return [{ hostId, epoch, sequence, readings, bootId: databaseText(readings.bootId ?? '') }]
  })

export interface WrittenIncident {
  readonly hostId: string
  readonly kind: KernelIncidentKind
  /** False: it was there, and more of its trace is known by now. */
  readonly isNew: boolean
}

/**
 * Incidents are a set: each counts once, whatever message brings it. One that comes again may name more of its trace.
 * @returns those of which there is something new
 */
export const writeIncidents = async (
  database: Kysely<DatabaseSchema>,
  said: readonly Said[],
): Promise<WrittenIncident[]> => {
  const rows = toldBy(said).flatMap(({ readings, ...told }) => {
    const bySequence = new Map(readings.log.incidents.map((incident) => [incident.sequence, incident]))
    return [...bySequence.values()].map((incident) => ({ ...told, incident }))
  })
  if (rows.length === 0) return []
  const column = <T>(of: (row: (typeof rows)[number]) => T) => rows.map(of)
  const { rows: news } = await sql<{ host_id: string; kind: KernelIncidentKind; is_new: boolean }>`
    with told as materialized (
      select * from unnest(
        ${column(({ hostId }) => hostId)}::uuid[], ${column(({ bootId }) => bootId)}::text[],
        ${column(({ incident }) => incident.sequence)}::bigint[],
        ${column(({ incident }) => new Date(incident.at))}::timestamptz[],
        ${column(({ incident }) => incident.kind)}::text[],
        ${column(({ incident }) => JSON.stringify(incident))}::json[],
        ${column(({ epoch }) => epoch)}::bigint[], ${column(({ sequence }) => sequence)}::bigint[]
      ) as told (host_id, boot_id, kmsg_sequence, at, kind, body, epoch, sequence)
    ), written as (
      insert into kernel_incidents (host_id, boot_id, kmsg_sequence, at, kind, body, epoch, sequence)
      select host_id, boot_id, kmsg_sequence, at, kind, body, epoch, sequence from told
      on conflict (host_id, boot_id, kmsg_sequence) do update
        set at = excluded.at, kind = excluded.kind, body = excluded.body, epoch = excluded.epoch,
          sequence = excluded.sequence
        where (kernel_incidents.epoch, kernel_incidents.sequence) < (excluded.epoch, excluded.sequence)
    )
    select told.host_id, told.kind, known.host_id is null as is_new
    from told left join kernel_incidents as known using (host_id, boot_id, kmsg_sequence)
    where known.host_id is null or (known.body::text <> told.body::text
      and (known.epoch, known.sequence) < (told.epoch, told.sequence))`.execute(database)
  return news.map(({ host_id: hostId, kind, is_new: isNew }) => ({ hostId, kind, isNew }))
}

/** Of each five minutes the first reading stays, whichever order they arrive in. */
export const writePressure = async (database: Kysely<DatabaseSchema>, said: readonly Said[]): Promise<void> => {
  const rows = toldBy(said).map(({ hostId, bootId, epoch, sequence, readings: { readAt, pressure, load } }) => {
    const at = new Date(readAt)
    const count = Math.floor(at.getTime() / SLOT_MS)
    return {
      ...{ host_id: hostId, boot_id: bootId, at, epoch, sequence },
      ...{ slot: count % SLOTS, turn: Math.floor(count / SLOTS) },
      ...{ cpu_us: pressure.cpu?.total ?? null, memory_us: pressure.memory?.total ?? null },
      ...{ io_us: pressure.io?.total ?? null, load: load?.[0] ?? null },
    }
  })
  if (rows.length === 0) return
  await database
    .insertInto('kernel_pressure')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['host_id', 'slot'])
        .doUpdateSet((eb) => ({
          ...{ turn: eb.ref('excluded.turn'), boot_id: eb.ref('excluded.boot_id'), at: eb.ref('excluded.at') },
          ...{ cpu_us: eb.ref('excluded.cpu_us'), memory_us: eb.ref('excluded.memory_us') },
          ...{ io_us: eb.ref('excluded.io_us'), load: eb.ref('excluded.load') },
          ...{ epoch: eb.ref('excluded.epoch'), sequence: eb.ref('excluded.sequence') },
        }))
        .where(
          sql<boolean>`kernel_pressure.turn < excluded.turn or (kernel_pressure.turn = excluded.turn
            and (kernel_pressure.epoch, kernel_pressure.sequence) > (excluded.epoch, excluded.sequence))`,
        ),
    )
    .execute()
}

/**
 * Hosts whose log is known otherwise than before: it can be read by now or no more, or records were missed. To be asked before the
 * message takes the place of the one before.
 */
export const changedLogs = async (
  database: Kysely<DatabaseSchema>,
  said: readonly Said[],
): Promise<ReadonlySet<string>> => {
  const told = toldBy(said)
  if (told.length === 0) return new Set()
  const rows = await database
    .selectFrom('host_readings')
    .select(['host_id', 'body'])
    .where('kind', '=', 'kernel_readings')
    .where(
      'host_id',
      'in',
      told.map(({ hostId }) => hostId),
    )
    .execute()
  const before = new Map(rows.map(({ host_id: id, body }) => [id, logState(body as KernelReadings)]))
  return new Set(
    told.filter(({ hostId, readings }) => before.get(hostId) !== logState(readings)).map(({ hostId }) => hostId),
  )
}

const logState = ({ bootId, log: { errno, completeSince, lost } }: KernelReadings): string =>
  JSON.stringify([bootId, errno, completeSince, lost])

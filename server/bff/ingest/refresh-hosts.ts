import { createHash } from 'node:crypto'
import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { OFFLINE_AFTER_MS } from '@rebootless/shared/domain/host-state.ts'
import type { Selectable, Transaction } from 'kysely'
import type { DatabaseSchema, HostsTable } from '../database/schema.ts'
import type { NewEvent } from '../events/append-event.ts'
import { placeHosts } from '../exposure/host-periods.ts'
import { writeDebts } from '../reboot-debt/write-debts.ts'
import { type DerivedHost, deriveHost } from './derive-host.ts'
import { NO_READINGS, readReadings } from './read-readings.ts'
import { differs, writeRows } from './write-rows.ts'

export type HostRow = Selectable<HostsTable>

/** A silent host was taken for unlinked (sweep-silent-hosts.ts); one that speaks again over the same link is not. */
export const isLinked = (host: HostRow): boolean => host.link_id !== null

/** A heartbeat over the same link says that, to whichever change looks at the host next. */
const isHeard = (host: HostRow, now: Date): boolean =>
  isLinked(host) && host.last_seen_at !== null && now.getTime() - host.last_seen_at.getTime() < OFFLINE_AFTER_MS

/**
 * Locks hosts' rows, so that the changes of each come one after the other. Always in the order of their ids, so that two
 * who lock several never wait for each other. @returns those that there are, by id
 */
export const lockHosts = async (
  transaction: Transaction<DatabaseSchema>,
  hostIds: readonly string[],
): Promise<ReadonlyMap<string, HostRow>> => {
  const rows = await transaction
    .selectFrom('hosts')
    .selectAll()
    .where('id', 'in', hostIds)
    .orderBy('id')
    .forUpdate()
    .execute()
  return new Map(rows.map((row) => [row.id, row]))
}

const withoutSampledAt = (transition: HostSummary['transition']) =>
  transition === null ? null : { ...transition, sampledAt: '' }

/** Whether a list would show something else; a transition's next reading with the same numbers shows nothing new. */
const looksDifferent = (before: HostRow, columns: DerivedHost['columns']): boolean =>
  Object.entries(columns).some(([column, value]) => {
    // The reason of a silent host counts the minutes; readers make it anew, so it is no change.
    if (column === 'state_reason' && columns.state === before.state && columns.contact !== 'fresh') return false
    if (column !== 'transition') return differs(before, column as keyof HostsTable, value)
    const next = typeof value === 'string' ? (JSON.parse(value) as HostSummary['transition']) : null
    return JSON.stringify(withoutSampledAt(before.transition)) !== JSON.stringify(withoutSampledAt(next))
  })

interface RefreshedHost {
  readonly before: HostRow
  readonly derived: DerivedHost
}

const printOf = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('base64url')

/** Writes the causes of hosts where they are others than before. @returns the print for each host's row, by its id */
const writeCauses = async (
  transaction: Transaction<DatabaseSchema>,
  hosts: readonly RefreshedHost[],
): Promise<ReadonlyMap<string, string>> => {
  const told = hosts.map(({ before, derived: { columns, causes } }) => ({
    ...{ before, columns, causes, print: printOf([causes, columns.state, columns.name_sort, before.origin]) },
  }))
  const others = told.filter(({ before, print }) => before.causes_print !== print)
  if (others.length > 0) {
    const ids = others.map(({ before }) => before.id)
    await transaction.deleteFrom('host_causes').where('host_id', 'in', ids).execute()
    const rows = others.flatMap(({ before: { id, origin }, columns: { state, state_rank, name_sort }, causes }) =>
      causes.map(({ since: _, sinceAt, ...cause }) => ({
        ...{ host_id: id, ...cause, since: sinceAt },
        ...{ state, state_rank, origin, name_sort },
      })),
    )
    if (rows.length > 0) await transaction.insertInto('host_causes').values(rows).execute()
  }
  return new Map(told.map(({ before, print }) => [before.id, print]))
}

/** What a change says of the host beside its readings. */
type GivenColumns = Partial<Pick<HostRow, 'connected' | 'link_id' | 'last_seen_at' | 'clock_skew_ms'>>

/** Nothing was read of it yet that would place it. */
const placeBefore = ({ exposure_class, exposure_doubted, exposure_print }: HostRow) => ({
  ...{ exposure_class, exposure_doubted, exposure_print },
})

export interface Change {
  /** When it happened, in our time. */
  readonly at: Date
  /** `changed`: the host's pages show something new in any case; `sampled`: a reading came; `none`: maybe nothing. */
  readonly reason: 'changed' | 'sampled' | 'none'
  readonly given?: GivenColumns
}

/**
 * Derives locked hosts' rows anew from their readings and writes them.
 * @returns the events to append at the end of the transaction; none of a host of which nothing changed
 */
export const refreshHosts = async (
  transaction: Transaction<DatabaseSchema>,
  changes: readonly { readonly before: HostRow; readonly change: Change }[],
  now: Date,
): Promise<NewEvent[]> => {
  const readings = await readReadings(
    transaction,
    changes.map(({ before }) => before.id),
  )
  const refreshed = changes.map(({ before, change: { at, reason, given = {} } }) => {
    const { id, link_id, last_seen_at, clock_skew_ms } = before
    const link = { link_id, last_seen_at, clock_skew_ms, ...given }
    const derived = deriveHost(
      {
        enrolledName: before.enrolled_name,
        enrolledAt: before.enrolled_at,
        connected: given.connected ?? (before.connected || isHeard(before, now)),
        lastSeenAt: link.last_seen_at,
        clockSkewMs: link.clock_skew_ms,
        readings: readings.get(id) ?? NO_READINGS,
      },
      now,
    )
    const different = looksDifferent(before, derived.columns)
    const silent = !different && reason === 'none'
    const revision = Number(before.revision) + (silent ? 0 : 1)
    const type = different || reason === 'changed' ? ('host.changed' as const) : ('host.sampled' as const)
    return { id, before, link, derived, silent, event: { type, hostId: id, revision, at } }
  })
  const toPlace = refreshed.flatMap(({ id, before, derived: { read, columns } }) =>
    read === null ? [] : [{ ...read, id, before, name: columns.name, readAt: columns.read_at ?? null }],
  )
  const places = await placeHosts(transaction, toPlace, now)
  const debts = await writeDebts(transaction, toPlace, now)
  const causes = await writeCauses(transaction, refreshed)
  await writeRows(
    transaction,
    refreshed.map(({ id, before, link, derived, event }) => ({
      ...{ before, columns: derived.columns },
      others: {
        ...link,
        ...(places.get(id) ?? placeBefore(before)),
        ...{ id, revision: event.revision, reboot_print: debts.get(id) ?? null, causes_print: causes.get(id) ?? null },
      },
    })),
  )
  const told = refreshed.filter(({ silent }) => !silent)
  return told.map(({ event }) => event)
}

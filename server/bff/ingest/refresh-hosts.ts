import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { OFFLINE_AFTER_MS } from '@rebootless/shared/domain/host-state.ts'
import type { Insertable, Selectable, Transaction } from 'kysely'
import type { DatabaseSchema, HostsTable } from '../database/schema.ts'
import type { NewEvent } from '../events/append-event.ts'
import { placeHosts } from '../exposure/host-periods.ts'
import { writeDebts } from '../reboot-debt/write-debts.ts'
import { type DerivedHost, deriveHost } from './derive-host.ts'
import { NO_READINGS, readReadings } from './read-readings.ts'

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
  Object.entries(columns).some(([key, value]) => {
    // The reason of a silent host counts the minutes; readers make it anew, so it is no change.
    if (key === 'state_reason' && columns.state === before.state && columns.contact !== 'fresh') return false
    const old = before[key as keyof HostsTable]
    if (key === 'transition') {
      const next = typeof value === 'string' ? (JSON.parse(value) as HostSummary['transition']) : null
      return JSON.stringify(withoutSampledAt(before.transition)) !== JSON.stringify(withoutSampledAt(next))
    }
    if (key === 'patches') return JSON.stringify(old) !== value
    return JSON.stringify(old) !== JSON.stringify(value)
  })

const writeCauses = async (
  transaction: Transaction<DatabaseSchema>,
  hosts: readonly { readonly id: string; readonly before: HostRow; readonly derived: DerivedHost }[],
): Promise<void> => {
  if (hosts.length === 0) return
  const ids = hosts.map(({ id }) => id)
  await transaction.deleteFrom('host_causes').where('host_id', 'in', ids).execute()
  const rows = hosts.flatMap(({ id, before: { origin }, derived: { columns, causes } }) =>
    causes.map(({ key, title, explanation, filter, blocking, function: name, sinceAt }) => ({
      ...{ host_id: id, key, title, explanation, filter, blocking, function: name, since: sinceAt },
      state: columns.state,
      state_rank: columns.state_rank,
      ...{ origin, name_sort: columns.name_sort },
    })),
  )
  if (rows.length > 0) await transaction.insertInto('host_causes').values(rows).execute()
}

type Row = Insertable<HostsTable>

/**
 * Writes rows that are there and locked, all in one statement: each meets itself in the index and is updated. What no
 * change touches stands in it only because a row to insert must be whole.
 */
const writeRows = async (transaction: Transaction<DatabaseSchema>, rows: readonly Row[]): Promise<void> => {
  const [first] = rows
  if (first === undefined) return
  const columns = Object.keys(first).filter((column) => column !== 'id') as (keyof Row)[]
  await transaction
    .insertInto('hosts')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet((eb) => Object.fromEntries(columns.map((column) => [column, eb.ref(`excluded.${column}`)]))),
    )
    .execute()
}

/** What a change says of the host beside its readings. */
type GivenColumns = Partial<Pick<HostRow, 'connected' | 'link_id' | 'last_seen_at' | 'clock_skew_ms'>>

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
    const heard = { connected: before.connected || isHeard(before, now) }
    const host = { ...before, ...heard, ...given }
    const derived = deriveHost(
      {
        enrolledName: host.enrolled_name,
        enrolledAt: host.enrolled_at,
        connected: host.connected,
        lastSeenAt: host.last_seen_at,
        clockSkewMs: host.clock_skew_ms,
        readings: readings.get(host.id) ?? NO_READINGS,
      },
      now,
    )
    const different = looksDifferent(before, derived.columns)
    const silent = !different && reason === 'none'
    const revision = Number(before.revision) + (silent ? 0 : 1)
    const { transition = null } = derived.columns
    const row: Row = { ...host, labels: JSON.stringify(host.labels), ...derived.columns, transition, revision }
    const type = different || reason === 'changed' ? ('host.changed' as const) : ('host.sampled' as const)
    return { id: host.id, before, derived, row, silent, event: { type, hostId: host.id, revision, at } }
  })
  const toPlace = refreshed.flatMap(({ id, before, derived: { read, columns } }) =>
    read === null ? [] : [{ ...read, id, before, name: columns.name, readAt: columns.read_at ?? null }],
  )
  const places = await placeHosts(transaction, toPlace, now)
  const debts = await writeDebts(transaction, toPlace, now)
  await writeRows(
    transaction,
    refreshed.map(({ id, row }) => ({ ...row, ...places.get(id), reboot_print: debts.get(id) ?? null })),
  )
  const told = refreshed.filter(({ silent }) => !silent)
  await writeCauses(transaction, told)
  return told.map(({ event }) => event)
}

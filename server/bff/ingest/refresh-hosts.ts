import { createHash } from 'node:crypto'
import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { OFFLINE_AFTER_MS } from '@rebootless/shared/domain/host-state.ts'
import { type Selectable, sql, type Transaction, type Updateable } from 'kysely'
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

/** Most columns hold bare values, and mostly the same ones. */
const isSame = (left: unknown, right: unknown): boolean =>
  left === right ||
  (typeof left === 'object' && typeof right === 'object' && JSON.stringify(left) === JSON.stringify(right))

/** Whether a list would show something else; a transition's next reading with the same numbers shows nothing new. */
const looksDifferent = (before: HostRow, columns: DerivedHost['columns']): boolean =>
  Object.entries(columns).some(([key, value]) => {
    // The reason of a silent host counts the minutes; readers make it anew, so it is no change.
    if (key === 'state_reason' && columns.state === before.state && columns.contact !== 'fresh') return false
    const old = before[key as keyof HostsTable]
    if (key === 'transition') {
      const next = typeof value === 'string' ? (JSON.parse(value) as HostSummary['transition']) : null
      return !isSame(withoutSampledAt(before.transition), withoutSampledAt(next))
    }
    if (key === 'patches') return JSON.stringify(old) !== value
    return !isSame(old, value)
  })

interface RefreshedHost {
  readonly before: HostRow
  readonly derived: DerivedHost
}

const causesOf = ({ before: { origin }, derived: { columns, causes } }: RefreshedHost) =>
  causes.map(({ key, title, explanation, filter, blocking, function: name, sinceAt }) => ({
    ...{ key, title, explanation, filter, blocking, function: name, since: sinceAt },
    state: columns.state,
    state_rank: columns.state_rank,
    ...{ origin, name_sort: columns.name_sort },
  }))

const printOf = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('base64url')

/** Writes the causes of hosts where they are others than before. @returns the print for each host's row, by its id */
const writeCauses = async (
  transaction: Transaction<DatabaseSchema>,
  hosts: readonly RefreshedHost[],
): Promise<ReadonlyMap<string, string>> => {
  const told = hosts.map((host) => ({ before: host.before, causes: causesOf(host) }))
  const prints = new Map(told.map(({ before, causes }) => [before.id, printOf(causes)]))
  const others = told.filter(({ before }) => before.causes_print !== prints.get(before.id))
  if (others.length === 0) return prints
  const ids = others.map(({ before }) => before.id)
  await transaction.deleteFrom('host_causes').where('host_id', 'in', ids).execute()
  const rows = others.flatMap(({ before, causes }) => causes.map((cause) => ({ host_id: before.id, ...cause })))
  if (rows.length > 0) await transaction.insertInto('host_causes').values(rows).execute()
  return prints
}

type Row = Pick<HostRow, 'id'> & Updateable<HostsTable>

/**
 * Writes rows that are there and locked, all by one statement whose text is the same however many they are: PostgreSQL reads it
 * sooner than one with a parameter for each value. What hosts named comes apart: as JSON it may hold what text cannot.
 */
const writeRows = async (transaction: Transaction<DatabaseSchema>, rows: readonly Row[]): Promise<void> => {
  const [first] = rows
  if (first === undefined) return
  const { id: _, patches, transition, ...plain } = first
  const set = Object.keys(plain).map((column) => sql`${sql.ref(column)} = made.${sql.ref(column)}`)
  const plainRows = rows.map(({ patches, transition, ...row }) => row)
  await sql`
    update hosts set patches = named.patches, transition = named.transition, ${sql.join(set)}
    from json_populate_recordset(null::hosts, ${JSON.stringify(plainRows)}) as made,
      unnest(${rows.map(({ id }) => id)}::uuid[], ${rows.map(({ patches }) => patches)}::json[],
        ${rows.map(({ transition }) => transition ?? null)}::json[]) as named (id, patches, transition)
    where hosts.id = made.id and named.id = made.id`.execute(transaction)
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
    const { link_id, last_seen_at, clock_skew_ms, exposure_class, exposure_doubted, exposure_print } = host
    const row: Row = {
      ...{ id: host.id, link_id, last_seen_at, clock_skew_ms, exposure_class, exposure_doubted, exposure_print },
      ...{ ...derived.columns, revision },
    }
    const type = different || reason === 'changed' ? ('host.changed' as const) : ('host.sampled' as const)
    return { id: host.id, before, derived, row, silent, event: { type, hostId: host.id, revision, at } }
  })
  const toPlace = refreshed.flatMap(({ id, before, derived: { read, columns } }) =>
    read === null ? [] : [{ ...read, id, before, name: columns.name, readAt: columns.read_at ?? null }],
  )
  const places = await placeHosts(transaction, toPlace, now)
  const debts = await writeDebts(transaction, toPlace, now)
  const causes = await writeCauses(transaction, refreshed)
  await writeRows(
    transaction,
    refreshed.map(({ id, row }) => ({
      ...{ ...row, ...places.get(id) },
      ...{ reboot_print: debts.get(id) ?? null, causes_print: causes.get(id) ?? null },
    })),
  )
  const told = refreshed.filter(({ silent }) => !silent)
  return told.map(({ event }) => event)
}

import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import type { Selectable, Transaction } from 'kysely'
import type { DatabaseSchema, HostsTable } from '../database/schema.ts'
import type { NewEvent } from '../events/append-event.ts'
import { type DerivedHost, deriveHost } from './derive-host.ts'
import { readReadings } from './read-readings.ts'

/** Locks a host's row, so that its changes come one after the other; undefined when there is no such host. */
export const lockHost = (
  transaction: Transaction<DatabaseSchema>,
  hostId: string,
): Promise<Selectable<HostsTable> | undefined> =>
  transaction.selectFrom('hosts').selectAll().where('id', '=', hostId).forUpdate().executeTakeFirst()

const withoutSampledAt = (transition: HostSummary['transition']) =>
  transition === null ? null : { ...transition, sampledAt: '' }

/** Whether a list would show something else; a transition's next reading with the same numbers shows nothing new. */
const looksDifferent = (before: Selectable<HostsTable>, columns: DerivedHost['columns']): boolean =>
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
  hostId: string,
  { columns, causes }: DerivedHost,
): Promise<void> => {
  await transaction.deleteFrom('host_causes').where('host_id', '=', hostId).execute()
  if (causes.length === 0) return
  const rows = causes.map(({ key, title, explanation, filter, blocking, function: name, sinceAt }) => ({
    ...{ host_id: hostId, key, title, explanation, filter, blocking, function: name, since: sinceAt },
    state: columns.state,
    state_rank: columns.state_rank,
  }))
  await transaction.insertInto('host_causes').values(rows).execute()
}

/** What a change says of the host beside its readings. */
type GivenColumns = Partial<Pick<Selectable<HostsTable>, 'connected' | 'link_id' | 'last_seen_at' | 'clock_skew_ms'>>

export interface Change {
  /** When it happened, in our time. */
  readonly at: Date
  /** `changed`: the host's pages show something new in any case; `sampled`: a reading came; `none`: maybe nothing. */
  readonly reason: 'changed' | 'sampled' | 'none'
  readonly given?: GivenColumns
}

/**
 * Derives a locked host's row anew from its readings and writes it when it differs.
 * @returns the event to append at the end of the transaction; undefined when nothing changed
 */
export const refreshHost = async (
  transaction: Transaction<DatabaseSchema>,
  before: Selectable<HostsTable>,
  { at, reason, given = {} }: Change,
  now: Date,
): Promise<NewEvent | undefined> => {
  const host = { ...before, ...given }
  const derived = deriveHost(
    {
      enrolledName: host.enrolled_name,
      enrolledAt: host.enrolled_at,
      connected: host.connected,
      lastSeenAt: host.last_seen_at,
      clockSkewMs: host.clock_skew_ms,
      readings: await readReadings(transaction, host.id),
    },
    now,
  )
  const different = looksDifferent(before, derived.columns)
  const silent = !different && reason === 'none'
  const revision = Number(before.revision) + (silent ? 0 : 1)
  const columns = { ...given, ...derived.columns, revision }
  await transaction.updateTable('hosts').set(columns).where('id', '=', host.id).execute()
  if (silent) return undefined
  await writeCauses(transaction, host.id, derived)
  return { type: different || reason === 'changed' ? 'host.changed' : 'host.sampled', hostId: host.id, revision, at }
}

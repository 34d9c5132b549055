import type { AgentMessage, Heartbeat } from '@rebootless/shared/contract/agent-message.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { Clock } from '../clock.ts'
import type { DatabaseSchema, HostsTable } from '../database/schema.ts'
import { appendEvents } from '../events/append-event.ts'
import type { Ingest } from '../link/ports.ts'
import { inServerTime, SKEW_CHANGE_MS_MIN } from './host-clock.ts'
import { type Change, lockHost, refreshHost } from './refresh-host.ts'
import { writeReading } from './write-reading.ts'
import { writeSets } from './write-sets.ts'

type Locked = Selectable<HostsTable>

const unknownHost = () =>
  new DomainError('host_not_found', 'This host is not known here any more: enrol it again with a new token.')

/** PostgreSQL, appendix A: 23503 foreign_key_violation. */
const isForeignKeyViolation = (error: unknown) => (error as { code?: unknown } | null)?.code === '23503'

/** A silent host was taken for unlinked (sweep-silent-hosts.ts); one that speaks again over the same link is not. */
const isLinked = (host: Locked): boolean => host.link_id !== null

const later = (left: Date | null, right: Date): Date => (left !== null && left > right ? left : right)

/**
 * Stores what agents say. Registers keep the newest of each kind and sets keep all, so any order, repetition, or loss
 * that is made good by sending again ends in the same state; the row that lists read is derived from them alone.
 */
export const createIngest = (options: {
  database: Kysely<DatabaseSchema>
  clock: Clock
  /** Told of each message that was stored. */
  observe?: (type: AgentMessage['type']) => void
}): Ingest => {
  const { database, clock } = options

  /** Runs a change of one host: lock, change, derive, append an event, in one transaction. */
  const changeHost = (
    hostId: string,
    change: (transaction: Transaction<DatabaseSchema>, host: Locked) => Promise<Change | undefined>,
  ): Promise<void> =>
    database.transaction().execute(async (transaction) => {
      const host = await lockHost(transaction, hostId)
      if (host === undefined) throw unknownHost()
      const changed = await change(transaction, host)
      if (changed === undefined) return
      const event = await refreshHost(transaction, host, changed, clock.now())
      if (event !== undefined) await appendEvents(transaction, [event])
    })

  const acceptHeartbeat = async (hostId: string, message: Heartbeat, receivedAt: Date) => {
    if (await writeReading(database, hostId, message, receivedAt)) {
      // Most heartbeats change nothing that is shown, so they take no lock and make no event.
      const host = await database
        .updateTable('hosts')
        .set({ last_seen_at: sql`greatest(last_seen_at, ${receivedAt}::timestamptz)` })
        .where('id', '=', hostId)
        .returning('contact')
        .executeTakeFirst()
      if (host !== undefined && host.contact !== 'fresh') {
        await changeHost(hostId, async (_transaction, locked) => ({
          at: receivedAt,
          reason: 'none',
          given: { connected: isLinked(locked) },
        }))
      }
    }
    const snapshot = await database
      .selectFrom('host_readings')
      .select(['snapshot_hash', sql<boolean>`(epoch, sequence) < (${message.epoch}, ${message.sequence})`.as('older')])
      .where('host_id', '=', hostId)
      .where('kind', '=', 'snapshot')
      .executeTakeFirst()
    return {
      snapshotWanted: snapshot === undefined || (snapshot.older && snapshot.snapshot_hash !== message.snapshotHash),
    }
  }

  const acceptChange = async (hostId: string, message: Exclude<AgentMessage, Heartbeat>, receivedAt: Date) => {
    await changeHost(hostId, async (transaction, host) => {
      const newer = await writeReading(transaction, hostId, message, receivedAt)
      const added = await writeSets(transaction, hostId, message)
      if (!newer && !added) return undefined
      const endsTransition = message.type === 'transition' && message.sample === null
      return {
        at: inServerTime(message.sentAt, host.clock_skew_ms),
        reason: endsTransition ? 'none' : message.type === 'transition' ? 'sampled' : 'changed',
        given: newer ? { last_seen_at: later(host.last_seen_at, receivedAt), connected: isLinked(host) } : {},
      }
    })
    if (message.type !== 'hello') return { snapshotWanted: false }
    const snapshot = await database
      .selectFrom('host_readings')
      .select('kind')
      .where('host_id', '=', hostId)
      .where('kind', '=', 'snapshot')
      .executeTakeFirst()
    return { snapshotWanted: snapshot === undefined }
  }

  return {
    async accept(hostId, message, receivedAt) {
      const result = await (message.type === 'heartbeat'
        ? acceptHeartbeat(hostId, message, receivedAt)
        : acceptChange(hostId, message, receivedAt)
      ).catch((error: unknown) => {
        throw isForeignKeyViolation(error) ? unknownHost() : error
      })
      options.observe?.(message.type)
      return result
    },
    async lastEpoch(hostId) {
      const { epoch } = await database
        .selectFrom('host_readings')
        .select(sql<string | null>`max(epoch)`.as('epoch'))
        .where('host_id', '=', hostId)
        .executeTakeFirstOrThrow()
      return epoch === null ? null : Number(epoch)
    },
    linkOpened: (hostId, linkId, at) =>
      changeHost(hostId, async (_transaction, host) => ({
        at,
        reason: 'none',
        given: { connected: true, link_id: linkId, last_seen_at: later(host.last_seen_at, at) },
      })),
    linkClosed: (hostId, linkId, at) =>
      changeHost(hostId, async (_transaction, host) =>
        host.link_id === linkId ? { at, reason: 'none', given: { connected: false, link_id: null } } : undefined,
      ),
    clockMeasured: (hostId, skewMs) =>
      changeHost(hostId, async (_transaction, host) => {
        const known = host.clock_skew_ms
        if (known !== null && Math.abs(known - skewMs) < SKEW_CHANGE_MS_MIN) return undefined
        return { at: clock.now(), reason: 'changed', given: { clock_skew_ms: skewMs } }
      }),
  }
}

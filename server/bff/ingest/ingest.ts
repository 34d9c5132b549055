import type { Heartbeat, Hello, ReadingMessage } from '@rebootless/shared/contract/agent-message.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { KernelIncidentKind } from '@rebootless/shared/domain/kernel-incidents.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import { inGroups } from '../database/in-groups.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { Ingest } from '../link/ports.ts'
import { type ChangedHost, changeHosts, type HostChange } from './change-hosts.ts'
import { inServerTime, SKEW_CHANGE_MS_MIN } from './host-clock.ts'
import { isLinked } from './refresh-hosts.ts'
import { writeHeartbeats } from './write-heartbeats.ts'

const unknownHost = () =>
  new DomainError('host_not_found', 'This host is not known here any more: enrol it again with a new token.')

/** PostgreSQL, appendix A: 23503 foreign_key_violation, here of a host that was removed meanwhile. */
const isForeignKeyViolation = (error: unknown) => (error as { code?: unknown } | null)?.code === '23503'

const later = (left: Date | null, right: Date): Date => (left !== null && left > right ? left : right)

/**
 * A heartbeat mostly changes nothing that is shown, so nobody waits for it: ten thousand hosts send a thousand in a
 * second, and five commits keep them. A small part of what a host may be late before it counts as stale.
 */
const HEARTBEATS_EVERY_MS = 200
const HEARTBEATS_MOST = 500
/**
 * Changes are shown, so they wait no longer than nobody sees. A group costs a dozen ways to the database and back whatever
 * its size, and on a busy machine the ways are what takes long: so when many wait, many go at once.
 */
const CHANGES_EVERY_MS = 50
const CHANGES_MOST = 200
/** While the database writes the group of one, the group of the other is derived: a host's changes are all of one lane. */
export const CHANGE_LANES = 2

/** The ids of hosts are random to their last digit (RFC 9562, section 5.4). */
const laneOf = (hostId: string): number => Number.parseInt(hostId.slice(-1), 16) % CHANGE_LANES

export interface IngestObserver {
  /** Told of each message that was stored. */
  observe?: (type: ReadingMessage['type']) => void
  /** Told of each incident of a kernel that was not known. */
  observeIncident?: (kind: KernelIncidentKind) => void
}

interface IngestOptions extends IngestObserver {
  database: Kysely<DatabaseSchema>
  clock: Clock
  heartbeatsEveryMs?: number
  changesEveryMs?: number
}

/**
 * Stores what agents say. Registers keep the newest of each kind and sets keep all, so any order, repetition, or loss
 * that is made good by sending again ends in the same state; the row that lists read is derived from them alone.
 *
 * All of it goes through three lanes that write group after group (in-groups.ts), so however many agents come at once, they
 * take three of the pool's connections, and browsers have the rest.
 */
export const createIngest = (options: IngestOptions): Ingest => {
  const { database, clock, heartbeatsEveryMs = HEARTBEATS_EVERY_MS, changesEveryMs = CHANGES_EVERY_MS } = options
  const hear = inGroups({
    write: (heard: Parameters<typeof writeHeartbeats>[1]) => writeHeartbeats(database, heard),
    keyOf: ({ hostId }) => hostId,
    ...{ most: HEARTBEATS_MOST, everyMs: heartbeatsEveryMs },
  })
  const lanes = Array.from({ length: CHANGE_LANES }, () =>
    inGroups({
      write: (changes: readonly HostChange[]) =>
        changeHosts(database, changes, clock.now(), (incidents) => {
          for (const { kind, isNew } of incidents) if (isNew) options.observeIncident?.(kind)
        }),
      keyOf: ({ hostId }) => hostId,
      ...{ most: CHANGES_MOST, everyMs: changesEveryMs },
    }),
  )
  const change = async (wanted: HostChange): Promise<ChangedHost> => {
    const changed = await lanes[laneOf(wanted.hostId)]?.(wanted)
    if (changed === undefined) throw unknownHost()
    return changed
  }

  const acceptHeartbeat = async (hostId: string, message: Heartbeat, receivedAt: Date) => {
    const written = await hear({ hostId, message, receivedAt })
    if (written === undefined) throw unknownHost()
    return written
  }

  const acceptChange = async (hostId: string, message: Exclude<ReadingMessage, Heartbeat>, receivedAt: Date) => {
    const { hasSnapshot } = await change({
      hostId,
      said: { hostId, message, receivedAt },
      decide(host, newer, added) {
        if (!newer && !added) return undefined
        // A forecast reads it, and no host's row.
        if (message.type === 'task_look') return undefined
        // Each host says so once a minute, and pages that show pressure ask for it; that it is heard, heartbeats tell.
        if (message.type === 'kernel_readings' && !added) return undefined
        const endsTransition = message.type === 'transition' && message.sample === null
        return {
          at: inServerTime(message.sentAt, host.clock_skew_ms),
          reason: endsTransition ? 'none' : message.type === 'transition' ? 'sampled' : 'changed',
          given: newer ? { last_seen_at: later(host.last_seen_at, receivedAt), connected: isLinked(host) } : {},
        }
      },
    })
    return { snapshotWanted: message.type === 'hello' && !hasSnapshot }
  }

  /** The link is the host's from now on, whether or not its hello is news. */
  const openLink = async (hostId: string, linkId: string, hello: Hello, receivedAt: Date) => {
    const { host, hasSnapshot } = await change({
      hostId,
      said: { hostId, message: hello, receivedAt },
      decide: (before, newer) => ({
        at: newer ? inServerTime(hello.sentAt, before.clock_skew_ms) : receivedAt,
        reason: newer ? 'changed' : 'none',
        given: { connected: true, link_id: linkId, last_seen_at: later(before.last_seen_at, receivedAt) },
      }),
    })
    return { clockSkewMs: host.clock_skew_ms, snapshotWanted: !hasSnapshot }
  }

  const stored = async <Result>(type: ReadingMessage['type'], work: Promise<Result>): Promise<Result> => {
    const result = await work.catch((error: unknown) => {
      throw isForeignKeyViolation(error) ? unknownHost() : error
    })
    options.observe?.(type)
    return result
  }

  return {
    accept: (hostId, message, receivedAt) =>
      stored(
        message.type,
        message.type === 'heartbeat'
          ? acceptHeartbeat(hostId, message, receivedAt)
          : acceptChange(hostId, message, receivedAt),
      ),
    linkOpened: (hostId, linkId, hello, receivedAt) => stored(hello.type, openLink(hostId, linkId, hello, receivedAt)),
    async linkClosed(hostId, linkId, at) {
      await change({
        hostId,
        decide: (host) =>
          host.link_id === linkId ? { at, reason: 'none', given: { connected: false, link_id: null } } : undefined,
      })
    },
    async clockMeasured(hostId, skewMs) {
      await change({
        hostId,
        decide({ clock_skew_ms: known }) {
          if (known !== null && Math.abs(known - skewMs) < SKEW_CHANGE_MS_MIN) return undefined
          return { at: clock.now(), reason: 'changed', given: { clock_skew_ms: skewMs } }
        },
      })
    },
  }
}

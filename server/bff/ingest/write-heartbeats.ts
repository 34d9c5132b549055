import type { Heartbeat } from '@rebootless/shared/contract/agent-message.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

export interface HeardHeartbeat {
  readonly hostId: string
  readonly message: Heartbeat
  readonly receivedAt: Date
}

interface Row {
  host_id: string
  snapshot_wanted: boolean
}

/**
 * Keeps heartbeats that are newer than those that are there, and notes that their hosts were heard: one statement and
 * one commit for many hosts, since of all messages these are by far the most. Of a host one at most. The rows of hosts
 * are locked in the order of their ids, as in change-hosts.ts, so that two groups never wait for each other. Nothing is
 * derived here: a host that was silent is taken up again by the sweep, within a second (sweep-silent-hosts.ts).
 * @returns in the order of `heard`, whether the host holds another snapshot than the one kept; undefined: no such host
 */
export const writeHeartbeats = async (
  database: Kysely<DatabaseSchema>,
  heard: readonly HeardHeartbeat[],
): Promise<({ snapshotWanted: boolean } | undefined)[]> => {
  const column = <T>(of: (one: HeardHeartbeat) => T) => heard.map(of)
  const { rows } = await sql<Row>`
    with heard as materialized (
      select * from unnest(
        ${column(({ hostId }) => hostId)}::uuid[], ${column(({ message }) => message.epoch)}::bigint[],
        ${column(({ message }) => message.sequence)}::bigint[],
        ${column(({ message }) => message.snapshotHash)}::text[],
        ${column(({ receivedAt }) => receivedAt)}::timestamptz[]
      ) as heard (host_id, epoch, sequence, snapshot_hash, received_at)
    ), host as materialized (
      select hosts.id from heard join hosts on hosts.id = heard.host_id
      order by hosts.id for no key update of hosts
    ), written as (
      insert into host_readings (host_id, kind, epoch, sequence, snapshot_hash, body, received_at)
      select host_id, 'heartbeat', epoch, sequence, snapshot_hash, '{}', received_at
      from heard join host on host.id = heard.host_id
      on conflict (host_id, kind) do update
        set epoch = excluded.epoch, sequence = excluded.sequence, snapshot_hash = excluded.snapshot_hash,
          received_at = excluded.received_at
        where (host_readings.epoch, host_readings.sequence) < (excluded.epoch, excluded.sequence)
      returning host_id
    ), seen as (
      update hosts set last_seen_at = greatest(hosts.last_seen_at, heard.received_at)
      from written join heard on heard.host_id = written.host_id where hosts.id = written.host_id
    )
    select host.id as host_id, coalesce(
        snapshot.snapshot_hash <> heard.snapshot_hash
          and (snapshot.epoch, snapshot.sequence) < (heard.epoch, heard.sequence),
        true
      ) as snapshot_wanted
    from heard join host on host.id = heard.host_id
    left join host_readings as snapshot on snapshot.host_id = heard.host_id and snapshot.kind = 'snapshot'
  `.execute(database)
  const byHost = new Map(rows.map((row) => [row.host_id, row]))
  return heard.map(({ hostId }) => {
    const row = byHost.get(hostId)
    return row && { snapshotWanted: row.snapshot_wanted }
  })
}

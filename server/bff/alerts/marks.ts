import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { type Kysely, sql, type Transaction } from 'kysely'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { inServerTime } from '../ingest/host-clock.ts'

/** Bodies are large: a fleet that tells all at once is taken up over several steps. */
const SNAPSHOTS_AT_ONCE = 500

/** What a livepatch module sets by itself: Documentation/admin-guide/tainted-kernels.rst. */
const OF_A_LIVEPATCH: ReadonlySet<string> = new Set(['K', 'O', 'E', 'P', 'X'])

interface NewSnapshot {
  readonly host_id: string
  readonly epoch: string
  readonly sequence: string
  readonly body: Snapshot
  readonly received_at: Date
  readonly skew: number | null
  readonly boot_id: string | null
  readonly taints: string | null
  readonly reversed_at: Date | null
  readonly reversed_patch: string | null
}

const newest = (times: readonly (string | null)[]): string | null =>
  times.reduce<string | null>((latest, at) => (at !== null && (latest === null || at > latest) ? at : latest), null)

/**
 * Takes up what snapshots say that came since the last step: by their order, not by time, so that none is missed whatever the
 * clocks say. A taint is new only within a boot that was seen before.
 * @returns whether there may be more
 */
export const takeUpSnapshots = async (transaction: Transaction<DatabaseSchema>): Promise<boolean> => {
  const { rows } = await sql<NewSnapshot>`
    with new as materialized (
      select readings.host_id from host_readings as readings
      left join alert_marks as marks on marks.host_id = readings.host_id
      where readings.kind = 'snapshot'
        and (marks.host_id is null or marks.sequence <> readings.sequence or marks.epoch <> readings.epoch)
      limit ${SNAPSHOTS_AT_ONCE}
    )
    select readings.host_id, readings.epoch, readings.sequence, readings.body, readings.received_at,
      hosts.clock_skew_ms as skew, marks.boot_id, marks.taints, marks.reversed_at, marks.reversed_patch
    from new
    join host_readings as readings on readings.host_id = new.host_id and readings.kind = 'snapshot'
    join hosts on hosts.id = new.host_id
    left join alert_marks as marks on marks.host_id = new.host_id`.execute(transaction)
  if (rows.length === 0) return false
  const marks = rows.map(markOf)
  const column = <T>(of: (mark: ReturnType<typeof markOf>) => T) => marks.map(of)
  await sql`
    insert into alert_marks as marks (host_id, epoch, sequence, boot_id, taints, taints_added, taints_at, patched_at,
      reversed_patch, reversed_at)
    select * from unnest(
      ${column(({ hostId }) => hostId)}::uuid[], ${column(({ epoch }) => epoch)}::bigint[],
      ${column(({ sequence }) => sequence)}::bigint[], ${column(({ bootId }) => bootId)}::text[],
      ${column(({ taints }) => taints)}::text[], ${column(({ added }) => added)}::text[],
      ${column(({ addedAt }) => addedAt)}::timestamptz[], ${column(({ patchedAt }) => patchedAt)}::timestamptz[],
      ${column(({ reversedPatch }) => reversedPatch)}::text[], ${column(({ reversedAt }) => reversedAt)}::timestamptz[]
    )
    on conflict (host_id) do update set
      epoch = excluded.epoch, sequence = excluded.sequence, boot_id = excluded.boot_id, taints = excluded.taints,
      taints_added = coalesce(excluded.taints_added, marks.taints_added),
      taints_at = coalesce(excluded.taints_at, marks.taints_at), patched_at = excluded.patched_at,
      reversed_patch = excluded.reversed_patch, reversed_at = excluded.reversed_at`.execute(transaction)
  return rows.length === SNAPSHOTS_AT_ONCE
}

const markOf = (row: NewSnapshot) => {
  const { kernel, memory } = row.body
  const bootId = kernel.bootId
  const isSameBoot = row.boot_id !== null && row.boot_id === bootId
  const letters = (kernel.taints ?? []).map(({ letter }) => letter).sort()
  // Unknown is not untainted: what was known of this boot stays.
  const taints = kernel.taints === null && isSameBoot ? (row.taints ?? '') : letters.join('')
  const isExpected = (letter: string) => letters.includes('K') && OF_A_LIVEPATCH.has(letter)
  const isNew = (letter: string) => !(row.taints ?? '').includes(letter) && !isExpected(letter)
  const added = isSameBoot ? letters.filter(isNew).join('') : ''
  const turned = memory.filter(({ reversed }) => reversed)
  const since = newest(turned.map(({ transitionStartedAt, disabledAt }) => transitionStartedAt ?? disabledAt))
  const reversed = turned.find(({ transitionStartedAt, disabledAt }) => (transitionStartedAt ?? disabledAt) === since)
  const reversedPatch = reversed?.name ?? null
  // Once its transition is over its time may be gone from the memory: then the first that was known counts.
  const known = reversedPatch !== null && reversedPatch === row.reversed_patch ? row.reversed_at : null
  const reversedAt = since === null ? row.received_at : inServerTime(since, row.skew)
  return {
    ...{ hostId: row.host_id, epoch: row.epoch, sequence: row.sequence, taints: databaseText(taints) },
    bootId: bootId === null ? null : databaseText(bootId),
    added: added === '' ? null : databaseText(added),
    addedAt: added === '' ? null : row.received_at,
    patchedAt: newest(memory.map(({ enabledAt }) => enabledAt)),
    reversedPatch: reversedPatch === null ? null : databaseText(reversedPatch),
    reversedAt: reversedPatch === null ? null : (known ?? reversedAt),
  }
}

export const readMarks = async (database: Kysely<DatabaseSchema>, from: Date) =>
  database
    .selectFrom('alert_marks')
    .select(['host_id', 'taints_added', 'taints_at', 'reversed_patch', 'reversed_at'])
    .where(sql<Date>`greatest(taints_at, reversed_at)`, '>', from)
    .execute()

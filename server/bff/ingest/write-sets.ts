import { type Kysely, sql } from 'kysely'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { Said } from './write-readings.ts'

/** PostgreSQL's int; no kernel has as many tasks (PID_MAX_LIMIT is 4 M). */
const INT_MAX = 2_147_483_647

/** Samples are a set: each counts once, whenever it arrives, so that a late one still fills its gap in the curve. */
const writeSamples = async (database: Kysely<DatabaseSchema>, said: readonly Said[]): Promise<string[]> => {
  const rows = said.flatMap(({ hostId, message }) => {
    const sample =
      message.type === 'transition' ? message.sample : message.type === 'snapshot' ? message.snapshot.transition : null
    if (sample === null) return []
    return { hostId, epoch: message.epoch, sequence: message.sequence, ...sample }
  })
  if (rows.length === 0) return []
  const column = <T>(of: (row: (typeof rows)[number]) => T) => rows.map(of)
  const count = (tasks: number) => Math.min(tasks, INT_MAX)
  const added = await sql<{ host_id: string }>`
    insert into transition_samples (host_id, epoch, sequence, patch, target, started_at, sampled_at, tasks_total,
      tasks_remaining, signalled_at, forced_at)
    select * from unnest(
      ${column(({ hostId }) => hostId)}::uuid[], ${column(({ epoch }) => epoch)}::bigint[],
      ${column(({ sequence }) => sequence)}::bigint[], ${column(({ patch }) => databaseText(patch))}::text[],
      ${column(({ target }) => target)}::text[], ${column(({ startedAt }) => startedAt)}::timestamptz[],
      ${column(({ sampledAt }) => sampledAt)}::timestamptz[], ${column(({ tasksTotal }) => count(tasksTotal))}::int[],
      ${column(({ tasksRemaining }) => count(tasksRemaining))}::int[],
      ${column(({ signalledAt }) => signalledAt)}::timestamptz[], ${column(({ forcedAt }) => forcedAt)}::timestamptz[]
    )
    on conflict (host_id, epoch, sequence) do nothing
    returning host_id`.execute(database)
  return added.rows.map((row) => row.host_id)
}

/** An agent's run lies within one boot, so its epoch tells the boot of every sample that it takes. */
const writeRuns = async (database: Kysely<DatabaseSchema>, said: readonly Said[]): Promise<void> => {
  const rows = said.flatMap(({ hostId, message }) => {
    if (message.type !== 'hello' && message.type !== 'snapshot') return []
    const bootId = message.type === 'hello' ? message.bootId : (message.snapshot.kernel.bootId ?? '')
    if (bootId === null) return []
    const { epoch, sequence } = message
    return { host_id: hostId, epoch, sequence, boot_id: databaseText(bootId) }
  })
  if (rows.length === 0) return
  await database
    .insertInto('agent_runs')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(['host_id', 'epoch'])
        .doUpdateSet((eb) => ({ boot_id: eb.ref('excluded.boot_id'), sequence: eb.ref('excluded.sequence') }))
        .where(sql<boolean>`agent_runs.sequence < excluded.sequence`),
    )
    .execute()
}

/** A record of the kernel log is the same in every snapshot but for its date, which the agent may correct: newest wins. */
const writeKernelEvents = async (database: Kysely<DatabaseSchema>, said: readonly Said[]): Promise<string[]> => {
  const rows = said.flatMap(({ hostId, message }) => {
    if (message.type !== 'snapshot') return []
    const { epoch, sequence } = message
    const bootId = databaseText(message.snapshot.kernel.bootId ?? '')
    const bySequence = new Map((message.snapshot.kernelEvents ?? []).map((event) => [event.sequence, event]))
    return [...bySequence.values()].map((event) => ({ hostId, bootId, epoch, sequence, event }))
  })
  if (rows.length === 0) return []
  const column = <T>(of: (row: (typeof rows)[number]) => T) => rows.map(of)
  // Columns as arrays: of many hosts these rows have more values than a statement may have parameters (65,535).
  const { rows: added } = await sql<{ host_id: string }>`
    insert into kernel_events (host_id, boot_id, kmsg_sequence, at, body, epoch, sequence)
    select * from unnest(
      ${column(({ hostId }) => hostId)}::uuid[], ${column(({ bootId }) => bootId)}::text[],
      ${column(({ event }) => event.sequence)}::bigint[], ${column(({ event }) => new Date(event.at))}::timestamptz[],
      ${column(({ event }) => JSON.stringify(event))}::json[], ${column(({ epoch }) => epoch)}::bigint[],
      ${column(({ sequence }) => sequence)}::bigint[]
    )
    on conflict (host_id, boot_id, kmsg_sequence) do update
      set at = excluded.at, body = excluded.body, epoch = excluded.epoch, sequence = excluded.sequence
      where (kernel_events.epoch, kernel_events.sequence) < (excluded.epoch, excluded.sequence)
    returning host_id`.execute(database)
  return added.map((row) => row.host_id)
}

/**
 * Adds what messages bring to the sets; of a host one message at most.
 * @returns the hosts whose message brought something; of the others all was there
 */
export const writeSets = async (
  database: Kysely<DatabaseSchema>,
  said: readonly Said[],
): Promise<ReadonlySet<string>> => {
  await writeRuns(database, said)
  const samples = await writeSamples(database, said)
  const events = await writeKernelEvents(database, said)
  return new Set([...samples, ...events])
}

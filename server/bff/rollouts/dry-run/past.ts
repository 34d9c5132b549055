import type { PastTransition } from '@rebootless/shared/domain/rollouts/dry-run/dry-run-work.ts'
import type { CommandAction } from '@rebootless/shared/domain/words.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../../database/schema.ts'

/** Of one host, the newest. */
const TRANSITIONS_MAX = 10
const HOSTS_AT_ONCE = 1000
const COMMANDS_MAX = 500
/** Fewer say nothing of the next. */
const COMMANDS_MIN = 20
const enough = (rows: readonly { readonly seconds: number }[]): number[] =>
  rows.length < COMMANDS_MIN ? [] : rows.map(({ seconds }) => seconds)
/** A delivery that waited longer waited for its host, or for people. */
const DELIVERY_SECONDS_MAX = 60

export interface HostPast {
  /** Null: no transition of it was seen. */
  readonly tasks: number | null
  readonly past: readonly PastTransition[]
}

/**
 * What hosts' transitions were like, from the records that livepatch writes into the kernel's log when one starts and completes
 * (kernel/livepatch/transition.c, klp_start_transition and klp_complete_transition); of each number of tasks, the last that was read.
 */
export const readPast = async (
  database: Kysely<DatabaseSchema>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, HostPast>> => {
  const found = new Map<string, HostPast>()
  for (let from = 0; from < ids.length; from += HOSTS_AT_ONCE) {
    const some = ids.slice(from, from + HOSTS_AT_ONCE)
    const [past, tasks] = [await transitionsOf(database, some), await tasksOf(database, some)]
    for (const id of some) {
      const seconds = past.get(id) ?? []
      found.set(id, { tasks: tasks.get(id) ?? null, past: seconds.map((one) => ({ seconds: one })) })
    }
  }
  return found
}

const transitionsOf = async (database: Kysely<DatabaseSchema>, ids: readonly string[]) => {
  const { rows } = await sql<{ host_id: string; seconds: number[] }>`
    with records as (
      select host_id, boot_id, kmsg_sequence, at, body ->> 'kind' as kind,
        count(*) filter (where body ->> 'kind' = 'transition_started')
          over (partition by host_id, boot_id order by kmsg_sequence) as number
      from kernel_events
      where host_id = any(${[...ids]}::uuid[])
        and body ->> 'kind' in ('transition_started', 'transition_completed')
    ), transitions as (
      select host_id, min(at) filter (where kind = 'transition_started') as started,
        min(at) filter (where kind = 'transition_completed') as completed
      from records where number > 0 group by host_id, boot_id, number
    ), newest as (
      select host_id, extract(epoch from completed - started)::float8 as seconds,
        row_number() over (partition by host_id order by started desc) as place
      from transitions where completed >= started
    )
    select host_id, array_agg(seconds order by place) as seconds
    from newest where place <= ${TRANSITIONS_MAX} group by host_id`.execute(database)
  return new Map(rows.map((row) => [row.host_id, row.seconds]))
}

const tasksOf = async (database: Kysely<DatabaseSchema>, ids: readonly string[]) => {
  const { rows } = await sql<{ host_id: string; tasks: number }>`
    select distinct on (host_id) host_id, tasks_total as tasks from transition_samples
    where host_id = any(${[...ids]}::uuid[])
    order by host_id, epoch desc, sequence desc`.execute(database)
  return new Map(rows.map((row) => [row.host_id, row.tasks]))
}

/** Seconds from a command's sending to its beginning on its host, of the latest of the whole fleet: no host is told by them. */
export const readDeliveries = async (database: Kysely<DatabaseSchema>): Promise<number[]> => {
  const { rows } = await sql<{ seconds: number }>`
    select extract(epoch from started_at - issued_at)::float8 as seconds from commands
    where started_at >= issued_at and started_at - issued_at < make_interval(secs => ${DELIVERY_SECONDS_MAX})
    order by started_at desc limit ${COMMANDS_MAX}`.execute(database)
  return enough(rows)
}

/** Seconds from a command's beginning to its end, of the latest of this kind that were done. */
export const readWorkTimes = async (database: Kysely<DatabaseSchema>, action: CommandAction): Promise<number[]> => {
  const { rows } = await sql<{ seconds: number }>`
    select extract(epoch from ended_at - started_at)::float8 as seconds
    from commands join authorisations on authorisations.id = commands.authorisation_id
    where commands.state = 'done' and commands.part = 'action' and authorisations.action = ${action}
      and ended_at >= started_at
    order by started_at desc limit ${COMMANDS_MAX}`.execute(database)
  return enough(rows)
}

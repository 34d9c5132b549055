import type { TaskLook } from '@rebootless/shared/contract/task-look.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

/** Tasks move: what was seen longer ago says nothing of now. */
export const LOOK_COUNTS_MS = 10 * 60_000

/**
 * What hosts answered last when they were asked who sleeps in some functions, by their ids; `lookedAt` by the server's clock.
 * Only from the run of the agent that is there now: a restart may have been the machine's.
 */
export const readFreshLooks = async (
  database: Kysely<DatabaseSchema>,
  hostIds: readonly string[],
  now: Date,
): Promise<ReadonlyMap<string, TaskLook>> => {
  if (hostIds.length === 0) return new Map()
  const rows = await database
    .selectFrom('host_readings as look')
    .innerJoin('host_readings as hello', (join) =>
      join.onRef('hello.host_id', '=', 'look.host_id').onRef('hello.epoch', '=', 'look.epoch'),
    )
    .select(['look.host_id', 'look.received_at', sql<TaskLook>`look.body`.as('body')])
    .where('look.kind', '=', 'task_look')
    .where('hello.kind', '=', 'hello')
    .where(sql<boolean>`look.host_id = any(${[...hostIds]}::uuid[])`)
    .where('look.received_at', '>', new Date(now.getTime() - LOOK_COUNTS_MS))
    .execute()
  return new Map(
    rows.map(({ host_id: id, received_at: at, body }) => [id, { ...body, lookedAt: at.toISOString() }] as const),
  )
}

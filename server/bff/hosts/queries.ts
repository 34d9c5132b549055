import type { HostListQuery } from '@rebootless/shared/contract/host.ts'
import type { KernelEvent } from '@rebootless/shared/contract/patch-memory.ts'
import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely'
import type { DatabaseSchema, HostsTable, TransitionSamplesTable } from '../database/schema.ts'
import { behind, type HostOrder, keyTexts, orderBy } from './host-order.ts'
import type { HostScope } from './host-scope.ts'
import { SUMMARY_COLUMNS, SUMMARY_EXPOSURE, type SummaryRow } from './host-summary.ts'

type Condition = RawBuilder<boolean>

/** A page of rows and, with each, its key in the order; one row more than asked for tells whether there are others. */
export const selectHostPage = (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  conditions: readonly Condition[],
  order: HostOrder,
  limit: HostListQuery['limit'],
  after: readonly string[] | undefined,
): Promise<(SummaryRow & { key: string[] })[]> => {
  let query = database
    .selectFrom('hosts')
    .select(SUMMARY_COLUMNS)
    .select(SUMMARY_EXPOSURE)
    .select(keyTexts(order).as('key'))
    .where(scope.condition)
  for (const condition of conditions) query = query.where(condition)
  if (after !== undefined) query = query.where(behind(order, after))
  return query
    .orderBy(orderBy(order))
    .limit(limit + 1)
    .execute()
}

export const countHosts = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  conditions: readonly Condition[],
): Promise<number> => {
  let query = database.selectFrom('hosts').select(sql<string>`count(*)`.as('total')).where(scope.condition)
  for (const condition of conditions) query = query.where(condition)
  return Number((await query.executeTakeFirstOrThrow()).total)
}

export const selectHost = (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  id: string,
): Promise<(Selectable<HostsTable> & Pick<SummaryRow, 'exposure'>) | undefined> =>
  database
    .selectFrom('hosts')
    .selectAll()
    .select(SUMMARY_EXPOSURE)
    .where('id', '=', id)
    .where(scope.condition)
    .executeTakeFirst()

export const selectRaw = (database: Kysely<DatabaseSchema>, id: string): Promise<{ raw: unknown } | undefined> =>
  database
    .selectFrom('host_readings')
    .select('raw')
    .where('host_id', '=', id)
    .where('kind', '=', 'snapshot')
    .executeTakeFirst()

/** The newest records of one boot's kernel log that are kept, oldest first. */
export const selectKernelEvents = async (
  database: Kysely<DatabaseSchema>,
  id: string,
  bootId: string,
): Promise<KernelEvent[]> => {
  const rows = await database
    .selectFrom('kernel_events')
    .select('body')
    .where('host_id', '=', id)
    .where('boot_id', '=', bootId)
    .orderBy('at', 'desc')
    .orderBy('kmsg_sequence', 'desc')
    .limit(512)
    .execute()
  return rows.map(({ body }) => body).reverse()
}

export type SampleRow = Selectable<TransitionSamplesTable>

/** Samples of the transition that a host was in last since this boot, by what it said last; oldest first. */
export const selectLastTransition = async (
  database: Kysely<DatabaseSchema>,
  id: string,
  bootId: string,
): Promise<SampleRow[]> => {
  const ofBoot = database
    .selectFrom('transition_samples')
    .where('host_id', '=', id)
    .where('epoch', 'in', (query) =>
      query.selectFrom('agent_runs').select('epoch').where('host_id', '=', id).where('boot_id', '=', bootId),
    )
  const last = await ofBoot
    .select(['patch', 'started_at'])
    .orderBy('epoch', 'desc')
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (last === undefined) return []
  return ofBoot
    .selectAll()
    .where('patch', '=', last.patch)
    .where('started_at', '=', last.started_at)
    .orderBy('epoch')
    .orderBy('sequence')
    .execute()
}

import type {
  RolloutDecisionList,
  RolloutDetail,
  RolloutHostList,
  RolloutList,
  RolloutSummary,
} from '@rebootless/shared/contract/rollouts-api.ts'
import { whyNotApproved } from '@rebootless/shared/domain/rollouts/gate-approval.ts'
import type { HostStage, RolloutPhase } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { UNDO_OVER } from '@rebootless/shared/domain/rollouts/undo.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { decodeCursor, encodeCursor } from '../hosts/cursor.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { planOf, type RolloutRow } from './stored-rollout.ts'
import { requireVisible, visible } from './visible.ts'

type Counts = RolloutSummary['counts']

/** How many hosts of each rollout, and of each of its waves, are at each stage. Null is no wave. */
const countStages = async (
  database: Kysely<DatabaseSchema>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<number | null, Counts>>> => {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<{ rollout_id: string; wave: number | null; stage: HostStage; count: number }>`
    select rollout_id, wave, stage, count(*)::int as count from rollout_hosts
    where rollout_id = any(${[...ids]}::uuid[]) group by rollout_id, wave, stage`.execute(database)
  const found = new Map<string, Map<number | null, Counts>>()
  for (const row of rows) {
    const waves = found.get(row.rollout_id) ?? new Map<number | null, Counts>()
    waves.set(row.wave, { ...waves.get(row.wave), [row.stage]: row.count })
    found.set(row.rollout_id, waves)
  }
  return found
}

/** How many hosts of each wave a reversal would touch: `isToUndo` of shared/domain/rollouts/undo.ts. */
const countToUndo = async (
  database: Kysely<DatabaseSchema>,
  id: string,
): Promise<ReadonlyMap<number | null, number>> => {
  const { rows } = await sql<{ wave: number | null; count: number }>`
    select wave, count(*)::int as count from rollout_hosts
    where rollout_id = ${id} and (stage = 'told' or (ours and stage <> all(${[...UNDO_OVER]}::text[])))
    group by wave`.execute(database)
  return new Map(rows.map(({ wave, count }) => [wave, count]))
}

const sumOf = (waves: ReadonlyMap<number | null, Counts> | undefined): Counts => {
  const sum: Counts = {}
  for (const counts of waves?.values() ?? []) {
    for (const [stage, count] of Object.entries(counts) as [HostStage, number][]) {
      sum[stage] = (sum[stage] ?? 0) + count
    }
  }
  return sum
}

const summaryOf = (row: RolloutRow, waves: ReadonlyMap<number | null, Counts> | undefined): RolloutSummary => {
  const plan = planOf(row)
  const named = plan.waves[row.head.wave]
  const isUnderWay = row.started_at !== null && row.ended_at === null
  return {
    ...{ id: row.id, name: plan.name, phase: row.phase, sentence: row.sentence },
    wave: isUnderWay && named !== undefined ? { number: row.head.wave + 1, name: named.name } : null,
    ...{ waveCount: plan.waves.length, counts: sumOf(waves) },
    ...{ createdBy: row.created_by_name, createdAt: row.created_at.toISOString() },
    ...{ startedAt: row.started_at?.toISOString() ?? null, endedAt: row.ended_at?.toISOString() ?? null },
  }
}

export const listRollouts = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  { phase, limit }: { readonly phase?: RolloutPhase | undefined; readonly limit: number },
  now: Date,
): Promise<RolloutList> => {
  let query = database.selectFrom('rollouts').selectAll().where(visible(scope))
  if (phase !== undefined) query = query.where('phase', '=', phase)
  const rows = await query.orderBy('created_at', 'desc').orderBy('id').limit(limit).execute()
  const counts = await countStages(
    database,
    rows.map(({ id }) => id),
  )
  return { items: rows.map((row) => summaryOf(row, counts.get(row.id))), asOf: now.toISOString() }
}

/** @throws DomainError `rollout_not_found` */
export const readDetail = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  id: string,
  username: string,
  now: Date,
): Promise<RolloutDetail> => {
  await requireVisible(database, scope, id)
  const row = await database.selectFrom('rollouts').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  const plan = planOf(row)
  const { head } = row
  const counts = (await countStages(database, [id])).get(id)
  const toUndo = await countToUndo(database, id)
  return {
    ...summaryOf(row, counts),
    ...{ plan, since: head.since },
    waves: head.waves.map((wave, index) => {
      const soakMs = (plan.waves[index]?.soakSeconds ?? 0) * 1000
      const left = soakMs - (head.clock.watched - wave.sinceWatched)
      return {
        ...wave,
        name: plan.waves[index]?.name ?? '',
        counts: counts?.get(index) ?? {},
        toUndo: toUndo.get(index) ?? 0,
        soakLeftSeconds: wave.stage === 'soaking' ? Math.max(0, Math.ceil(left / 1000)) : null,
      }
    }),
    acts: [...row.offers, { kind: 'approve gate', refusal: whyNotApproved(plan, head, gateAt(row, plan), username) }],
    asOf: now.toISOString(),
  }
}

/** The first gate of the wave that goes that asks for a person; where none does, the answer says so. */
const gateAt = ({ head }: RolloutRow, plan: ReturnType<typeof planOf>): { wave: number; gate: number } => {
  const { wave } = head
  const gates = plan.waves[wave]?.gates ?? plan.gates
  const gate = gates.findIndex(({ kind }) => kind === 'approval')
  return { wave, gate: Math.max(0, gate) }
}

/** @throws DomainError `rollout_not_found`, `cursor_invalid` */
export const listHosts = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  id: string,
  asked: {
    readonly wave?: number | undefined
    readonly stage?: HostStage | undefined
    readonly changedSince?: number | undefined
    readonly limit: number
    readonly cursor?: string | undefined
  },
  now: Date,
): Promise<RolloutHostList> => {
  await requireVisible(database, scope, id)
  const question = JSON.stringify([id, asked.wave, asked.stage, asked.changedSince])
  const isPlace = (key: readonly string[]) => key.length === 1 && /^\d{1,9}$/.test(key[0] ?? '')
  const after = asked.cursor === undefined ? -1 : Number(decodeCursor(question, 'place', asked.cursor, isPlace)[0])
  const all = database.selectFrom('rollout_hosts').where('rollout_id', '=', id)
  // Before the rows: what changes in between is told twice, and never not at all.
  const changes = await all.select(sql<string>`coalesce(max(changed), 0)`.as('latest')).executeTakeFirstOrThrow()
  let query = all
  if (asked.wave !== undefined) query = query.where('wave', '=', asked.wave)
  if (asked.stage !== undefined) query = query.where('stage', '=', asked.stage)
  if (asked.changedSince !== undefined) query = query.where('changed', '>', String(asked.changedSince))
  const { total } = await query.select(sql<number>`count(*)::int`.as('total')).executeTakeFirstOrThrow()
  const rows = await query
    .select(['place', 'progress'])
    .where('place', '>', after)
    .orderBy('place')
    .limit(asked.limit + 1)
    .execute()
  const page = rows.slice(0, asked.limit)
  const last = page.at(-1)
  return {
    items: page.map(({ progress }) => {
      const { id: host, name, wave, stage, since, why, attempt } = progress
      return { id: host, name, wave, stage, since, why, attempt }
    }),
    nextCursor:
      rows.length > asked.limit && last !== undefined ? encodeCursor(question, 'place', [String(last.place)]) : null,
    ...{ total, changes: Number(changes.latest), asOf: now.toISOString() },
  }
}

/** @throws DomainError `rollout_not_found` */
export const listDecisions = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  id: string,
  { before, limit }: { readonly before?: number | undefined; readonly limit: number },
): Promise<RolloutDecisionList> => {
  await requireVisible(database, scope, id)
  const all = database.selectFrom('rollout_decisions').where('rollout_id', '=', id)
  const { total } = await all.select(sql<number>`count(*)::int`.as('total')).executeTakeFirstOrThrow()
  let query = all.select('decision').orderBy('number', 'desc').limit(limit)
  if (before !== undefined) query = query.where('number', '<', before)
  return { items: (await query.execute()).map(({ decision }) => decision), total }
}

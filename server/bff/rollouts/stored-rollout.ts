import { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { HostProgress, RolloutDecision } from '@rebootless/shared/contract/rollouts-api.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { offeredActs } from '@rebootless/shared/domain/rollouts/offered-acts.ts'
import { rolloutSentence } from '@rebootless/shared/domain/rollouts/rollout-sentence.ts'
import { ENDED, isInChange, isOpen, type RolloutState } from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

export type RolloutRow = Selectable<DatabaseSchema['rollouts']>

export interface StoredRollout {
  readonly row: RolloutRow
  readonly plan: RolloutPlan
  readonly state: RolloutState
}

export const rolloutNotFound = () =>
  new DomainError('rollout_not_found', 'There is no such rollout: see the list of rollouts.')

export const planOf = ({ plan }: Pick<RolloutRow, 'plan'>): RolloutPlan => RolloutPlan.parse(JSON.parse(plan))

export const readHosts = async (
  database: Kysely<DatabaseSchema>,
  id: string,
): Promise<ReadonlyMap<string, HostProgress>> => {
  const rows = await database
    .selectFrom('rollout_hosts')
    .select('progress')
    .where('rollout_id', '=', id)
    .orderBy('place')
    .execute()
  return new Map(rows.map(({ progress }) => [progress.id, progress]))
}

/** @throws DomainError `rollout_not_found` */
export const readRollout = async (database: Kysely<DatabaseSchema>, id: string): Promise<StoredRollout> => {
  const row = await database.selectFrom('rollouts').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw rolloutNotFound()
  return { row, plan: planOf(row), state: { ...row.head, hosts: await readHosts(database, id) } }
}

/** What columns say of a state, so that lists need not read it. */
export const columnsOf = (plan: RolloutPlan, { hosts, ...head }: RolloutState, now: Date, frozen: boolean) => ({
  phase: head.phase,
  sentence: rolloutSentence(plan, { ...head, hosts }, now.getTime(), { frozen }),
  head: JSON.stringify(head),
  offers: JSON.stringify(offeredActs(plan, { ...head, hosts })),
  follows: needsSteps(head.phase) || [...hosts.values()].some((host) => isInChange(host) || isOpen(host)),
})

const needsSteps = (phase: RolloutState['phase']): boolean => phase !== 'draft' && !ENDED.has(phase)

const ROWS_AT_ONCE = 1000

interface PlacedHost {
  readonly host: HostProgress
  /** Where it stands among all. */
  readonly place: number
  /** Whether a page shows it as it did; false: it is new, or changed to the eye. */
  readonly looksSame: boolean
}

/** Of a row of RolloutHostView. */
export const looksSame = (before: HostProgress, after: HostProgress): boolean =>
  before.stage === after.stage &&
  before.since === after.since &&
  before.wave === after.wave &&
  before.why === after.why &&
  before.attempt === after.attempt &&
  before.name === after.name

/**
 * Writes hosts that are new or changed. Whoever writes holds the rollout's row, so that numbers of changes are committed
 * in their order, and none comes to light behind a greater one.
 */
export const writeHosts = async (
  transaction: Transaction<DatabaseSchema>,
  id: string,
  placed: readonly PlacedHost[],
): Promise<void> => {
  for (let from = 0; from < placed.length; from += ROWS_AT_ONCE) {
    const some = placed.slice(from, from + ROWS_AT_ONCE)
    await sql`
      insert into rollout_hosts (rollout_id, host_id, place, wave, stage, progress, changed)
      select ${id}::uuid, host.id, host.place, host.wave, host.stage, host.progress,
        case when host.looks_same then 0 else nextval('rollout_host_changes') end
      from unnest(
        ${some.map(({ host }) => host.id)}::uuid[], ${some.map(({ place }) => place)}::int[],
        ${some.map(({ host }) => host.wave)}::int[], ${some.map(({ host }) => host.stage)}::text[],
        ${some.map(({ host }) => JSON.stringify(host))}::json[], ${some.map((one) => one.looksSame)}::boolean[]
      ) as host (id, place, wave, stage, progress, looks_same)
      on conflict (rollout_id, host_id) do update set
        wave = excluded.wave, stage = excluded.stage, progress = excluded.progress,
        changed = greatest(rollout_hosts.changed, excluded.changed)`.execute(transaction)
  }
}

export const appendDecisions = async (
  transaction: Transaction<DatabaseSchema>,
  id: string,
  decisions: readonly RolloutDecision[],
): Promise<void> => {
  if (decisions.length === 0) return
  await transaction
    .insertInto('rollout_decisions')
    .values(
      decisions.map((decision) => ({
        ...{ rollout_id: id, number: decision.number, at: new Date(decision.at), kind: decision.kind },
        decision: JSON.stringify(decision),
      })),
    )
    .execute()
}

import type { RolloutDecision } from '@rebootless/shared/contract/rollouts-api.ts'
import {
  ENDED,
  type RolloutInput,
  type RolloutState,
  type RolloutStep,
} from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import { stepRollout } from '@rebootless/shared/domain/rollouts/step-rollout.ts'
import { cut } from '@rebootless/shared/domain/sentence.ts'
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import { SERVER } from '../access/doer.ts'
import { appendAudit } from '../audit/append-audit.ts'
import { done } from '../commands/act.ts'
import { notifyCommands } from '../commands/notify.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { appendEvents } from '../events/append-event.ts'
import { keepBefore } from './before.ts'
import { isNewest } from './lease.ts'
import { endWaitingOrders, insertOrders, readResults } from './outbox.ts'
import { missingApproval, readPermits } from './permits.ts'
import { breachesOfState, breachText } from './policy-breaches.ts'
import { appendDecisions, columnsOf, looksSame, type StoredRollout, writeHosts } from './stored-rollout.ts'
import { tellChannels } from './tell-channels.ts'

/** What was gathered outside the transaction. */
export type Gathered = Pick<RolloutInput, 'readings' | 'gates' | 'newcomers'>

/** An older leader than another that there is by now. */
export class NoLongerLeads extends Error {}

/** A leader that freezes in the middle of a step holds its row no longer than this; then PostgreSQL ends its transaction. */
const IDLE_MS_MAX = 10_000

/**
 * One step of one rollout, in one transaction: its state, its log, its orders, the audit log and the events of it, or
 * nothing of all that. The number of the lease stands in the condition of its first write and its last (threat-model T35, T37).
 * @returns the state that was written; undefined: it had moved on meanwhile, and is to be read anew
 * @throws NoLongerLeads
 */
export const takeStep = (
  database: Kysely<DatabaseSchema>,
  before: StoredRollout,
  gathered: Gathered,
  { fencing, now: givenNow }: { readonly fencing: number; readonly now?: (() => Date) | undefined },
): Promise<StoredRollout | undefined> =>
  database.transaction().execute(async (transaction) => {
    const { id } = before.row
    await sql`select set_config('idle_in_transaction_session_timeout', ${String(IDLE_MS_MAX)}, true)`.execute(
      transaction,
    )
    const row = await claim(transaction, id, fencing)
    if (row.version !== before.row.version) return undefined
    const now = givenNow?.() ?? (await databaseNow(transaction))
    // Before their commands, as everyone who changes both does; and a signature comes before this step or after it.
    await sql`select from authorisations where rollout_id = ${id} order by id for key share`.execute(transaction)
    const { frozen } = await transaction
      .selectFrom('fleet_freeze')
      .select('frozen')
      .forShare()
      .executeTakeFirstOrThrow()
    const { plan, state } = before
    const told = new Set(
      await endWaitingOrders(transaction, state.hosts.values(), {
        ...{ state: 'expired', detail: 'The time of its order was over before it was sent.', now },
      }),
    )
    const acts = await transaction
      .selectFrom('rollout_acts')
      .select(['id', 'act', 'by_name'])
      .where('rollout_id', '=', id)
      .where('taken_at', 'is', null)
      .orderBy('id')
      .execute()
    const step = stepRollout(plan, state, {
      ...gathered,
      ...{ now: now.getTime(), frozen, results: await readResults(transaction, state.hosts.values()) },
      acts: acts.map(({ act, by_name: by }) => ({ act, by })),
      approvalMissing:
        (await brokenPolicies(transaction, before)) ??
        missingApproval((await readPermits(transaction, id, now)).values()),
    })
    for (const host of await stopOrders(transaction, state, step.state, now)) told.add(host)
    await writeChanged(transaction, id, state, step.state)
    await appendDecisions(transaction, id, step.decisions)
    await tellChannels(transaction, { plan, state: step.state }, step.decisions, now)
    await keepFirst(transaction, id, step, now)
    await insertOrders(transaction, id, step.orders, now)
    for (const { host } of step.orders) told.add(host)
    if (acts.length > 0) {
      await transaction
        .updateTable('rollout_acts')
        .set({ taken_at: now })
        .where(
          'id',
          'in',
          acts.map((act) => act.id),
        )
        .execute()
    }
    const written = await writeHead(
      transaction,
      row,
      { plan, state: step.state, decisions: step.decisions },
      { fencing, frozen, now },
    )
    await appendAudit(transaction, ...step.decisions.flatMap((decision) => auditOf(row, decision, now)))
    if (step.orders.length > 0) await notifyCommands(transaction)
    await appendEvents(transaction, [
      ...[...told].map((hostId) => ({ type: 'command.changed' as const, hostId, revision: 0, at: now })),
      ...(looksDifferent(state, step)
        ? [{ type: 'rollout.changed' as const, hostId: null, rolloutId: id, revision: 0, at: now }]
        : []),
    ])
    return { row: written, plan, state: step.state }
  })

/** A policy may have come since it was kept; once it has begun, it goes on as it was approved. */
const brokenPolicies = async (
  transaction: Transaction<DatabaseSchema>,
  { plan, state }: StoredRollout,
): Promise<string | null> => {
  if (state.phase !== 'draft' && state.phase !== 'awaiting approval') return null
  return breachText(await breachesOfState(transaction, { plan, state }))
}

type Row = Selectable<DatabaseSchema['rollouts']>

const claim = async (transaction: Transaction<DatabaseSchema>, id: string, fencing: number): Promise<Row> => {
  const row = await transaction
    .updateTable('rollouts')
    .set({ fencing })
    .where('id', '=', id)
    .where('fencing', '<=', String(fencing))
    .where(isNewest(fencing))
    .returningAll()
    .executeTakeFirst()
  if (row === undefined) throw new NoLongerLeads(`the lease ${fencing} is no longer the newest`)
  return row
}

const databaseNow = async (transaction: Transaction<DatabaseSchema>): Promise<Date> => {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(transaction)
  return rows[0]?.now ?? new Date()
}

/** A pause, an end or a reversal takes back what was ordered and not sent: its hosts are as if they had not been told. */
const stopOrders = async (
  transaction: Transaction<DatabaseSchema>,
  before: RolloutState,
  after: RolloutState,
  now: Date,
): Promise<readonly string[]> => {
  if (before.phase !== 'running' || after.phase === 'running') return []
  const detail = cut(`The rollout is ${after.phase}: ${after.because ?? 'nothing more is told.'}`, 1000)
  return endWaitingOrders(transaction, before.hosts.values(), { state: 'cancelled', detail: databaseText(detail), now })
}

const writeChanged = async (
  transaction: Transaction<DatabaseSchema>,
  id: string,
  before: RolloutState,
  after: RolloutState,
): Promise<void> => {
  let place = 0
  const changed: Parameters<typeof writeHosts>[2][number][] = []
  for (const host of after.hosts.values()) {
    const known = before.hosts.get(host.id)
    if (known !== host) changed.push({ host, place, looksSame: known !== undefined && looksSame(known, host) })
    place += 1
  }
  await writeHosts(transaction, id, changed)
}

/** Of hosts whose round begins with this order. */
const keepFirst = async (
  transaction: Transaction<DatabaseSchema>,
  id: string,
  { orders, state }: RolloutStep,
  now: Date,
): Promise<void> => {
  const first = orders.flatMap(({ host }) => {
    const progress = state.hosts.get(host)
    const isFirst = progress?.stage === 'told' && progress.toldWatched === progress.orderWatched
    return isFirst ? [host] : []
  })
  await keepBefore(transaction, id, first, now)
}

const writeHead = async (
  transaction: Transaction<DatabaseSchema>,
  row: Row,
  { plan, state, decisions }: Pick<StoredRollout, 'plan' | 'state'> & { decisions: readonly RolloutDecision[] },
  { fencing, frozen, now }: { fencing: number; frozen: boolean; now: Date },
): Promise<Row> => {
  const { sentence, ...columns } = columnsOf(plan, state, now, frozen)
  const isStarted = decisions.some(({ kind }) => kind === 'started')
  const isOver = ENDED.has(state.phase)
  const written = await transaction
    .updateTable('rollouts')
    .set({
      ...columns,
      sentence: databaseText(sentence),
      version: String(BigInt(row.version) + 1n),
      started_at: row.started_at ?? (isStarted ? now : null),
      ended_at: isOver ? (row.ended_at ?? now) : null,
    })
    .where('id', '=', row.id)
    .where('fencing', '=', String(fencing))
    .where(isNewest(fencing))
    .returningAll()
    .executeTakeFirst()
  if (written === undefined) throw new NoLongerLeads(`the lease ${fencing} is no longer the newest`)
  return written
}

/** What a person did is in the audit log since he asked for it; here stands what the rollout decided by itself. */
const auditOf = ({ id, name }: Row, decision: RolloutDecision, now: Date) =>
  decision.by !== null
    ? []
    : [
        done(
          { ...SERVER, now },
          {
            action: 'rollout.decide',
            target: { kind: 'rollout', id, name },
            reason: decision.because,
            after: {
              ...{ number: decision.number, kind: decision.kind, wave: decision.wave, sentence: decision.sentence },
              hosts: decision.hosts.slice(0, 100),
              hostCount: decision.hosts.length,
            },
          },
        ),
      ]

const looksDifferent = (before: RolloutState, { state, decisions, orders }: RolloutStep): boolean => {
  if (decisions.length > 0 || orders.length > 0 || before.hosts.size !== state.hosts.size) return true
  if (before.phase !== state.phase || before.waves !== state.waves) return true
  return [...state.hosts.values()].some((host) => {
    const known = before.hosts.get(host.id)
    return known === undefined || (known !== host && !looksSame(known, host))
  })
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { RolloutAct } from '@rebootless/shared/contract/rollouts-api.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { actRefusal } from '@rebootless/shared/domain/rollouts/offered-acts.ts'
import { ENDED } from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import { type Kysely, sql, type Transaction } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import { type Act, done } from '../commands/act.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { notifyRollouts } from './notify.ts'
import { requireNoOverlap, toBeChanged, toBeUndone } from './overlaps.ts'
import { breachesOfState, requireNoBreach } from './policy-breaches.ts'
import { readRollout, type StoredRollout } from './stored-rollout.ts'
import { requireVisible } from './visible.ts'

type Person = Act & { readonly username: string; readonly scope: HostScope }

/** `rollout.approve_gate`. */
const auditAction = ({ kind }: RolloutAct): string => `rollout.${kind.replaceAll(' ', '_')}`

/**
 * Asks the leader for something: it is taken in order, with the next step. What cannot be done is refused at once; what
 * could not any more when its turn comes stands in the log.
 * @returns the act's number
 * @throws DomainError `rollout_not_found`, `rollout_refused`, `rollout_breaks_policy`, `rollout_overlaps`
 */
export const askAct = (database: Kysely<DatabaseSchema>, id: string, act: RolloutAct, who: Person): Promise<string> =>
  database.transaction().execute(async (transaction) => {
    await requireVisible(transaction, who.scope, id)
    const rollout = await readRollout(transaction, id)
    const refusal = actRefusal(rollout.plan, rollout.state, act, who.username)
    if (refusal !== null) throw new DomainError('rollout_refused', refusal)
    if (act.kind === 'start') requireNoBreach(await breachesOfState(transaction, rollout))
    await requirePlace(transaction, rollout, act, who.scope)
    const { id: number } = await transaction
      .insertInto('rollout_acts')
      .values({ rollout_id: id, act: JSON.stringify(act), by_name: who.username, at: who.now, taken_at: null })
      .returning('id')
      .executeTakeFirstOrThrow()
    const { kind, reason, ...rest } = act
    const after = { phase: rollout.state.phase, ...rest, ...(kind === 'exclude' ? hostsOf(act) : {}) }
    await appendAudit(
      transaction,
      done(who, {
        action: auditAction(act),
        target: { kind: 'rollout', id, name: rollout.row.name },
        ...{ reason, after },
      }),
    )
    await notifyRollouts(transaction)
    return number
  })

const hostsOf = (act: RolloutAct) =>
  act.kind === 'exclude' ? { hosts: act.hosts.slice(0, 100), hostCount: act.hosts.length } : {}

/** What begins to change hosts must not meet another that does. */
const requirePlace = async (
  transaction: Transaction<DatabaseSchema>,
  { row, state }: StoredRollout,
  act: RolloutAct,
  scope: HostScope,
): Promise<void> => {
  if (act.kind === 'start') await requireNoOverlap(transaction, row, toBeChanged(state), scope)
  if (act.kind === 'reverse' && ENDED.has(state.phase)) {
    await requireNoOverlap(transaction, row, toBeUndone(state, act.fromWave), scope)
  }
}

const TAKEN_MS_MAX = 3_000
const LOOK_MS = 50

/** Resolves when a leader has taken the act, or after three seconds, when none did yet: the act waits. */
export const awaitTaken = async (database: Kysely<DatabaseSchema>, act: string): Promise<void> => {
  for (let waitedMs = 0; waitedMs < TAKEN_MS_MAX; waitedMs += LOOK_MS) {
    const { rows } = await sql<{ taken: boolean }>`
      select taken_at is not null as taken from rollout_acts where id = ${act}`.execute(database)
    if (rows[0]?.taken !== false) return
    await sleep(LOOK_MS)
  }
}

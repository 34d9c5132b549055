import { otherwise } from '@rebootless/shared/domain/rollouts/plan-waves.ts'
import { ENDED, type RolloutHost } from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import { type Kysely, sql } from 'kysely'
import { SERVER } from '../access/doer.ts'
import { appendAudit } from '../audit/append-audit.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { hostScopeOf } from '../hosts/host-scope.ts'
import type { FitHosts } from '../patches/fit-hosts.ts'
import { findHosts } from './find-hosts.ts'
import { isNewest } from './lease.ts'
import { hostsOfRivals } from './overlaps.ts'
import { insertPermits, type PermitState, permitsOf, planPermits } from './permits.ts'
import { barredNewcomers } from './policy-breaches.ts'
import type { StoredRollout } from './stored-rollout.ts'

/**
 * Hosts that match the plan only now, in the scope of whoever made it. A text is made of those that none names yet; they
 * join once it has the signatures that it needs. Those that another rollout changes are left to it, and those
 * of a policy that the plan breaks do not join.
 */
export const findNewcomers = async (
  database: Kysely<DatabaseSchema>,
  fitHosts: FitHosts,
  { row, plan, state }: StoredRollout,
  permits: ReadonlyMap<string, PermitState>,
  { fencing, now }: { readonly fencing: number; readonly now: Date },
): Promise<readonly RolloutHost[]> => {
  const last = state.waves.at(-1)
  if (plan.newcomers !== 'join' || ENDED.has(state.phase) || state.phase === 'draft') return []
  if (state.phase === 'reversing' || last?.stage === 'done') return []
  const excluded = new Set(plan.exclude)
  // Its own hosts are most of those that match, and change while it runs: their snapshots are not read again for this.
  const isNew = sql<boolean>`not exists (
    select from rollout_hosts as own where own.rollout_id = ${row.id} and own.host_id = hosts.id
  )`
  const found = await findHosts(database, fitHosts, plan, hostScopeOf(row), [isNew])
  const matching = found.filter((host) => !state.hosts.has(host.id) && otherwise(plan, excluded, host) === null)
  if (matching.length === 0) return []
  const ids = matching.map(({ id }) => id)
  const taken = await hostsOfRivals(database, row.id, ids)
  const barred = await barredNewcomers(database, { plan, state }, ids)
  const free = matching.filter(({ id }) => !taken.has(id) && !barred.has(id))
  const granted = await permitsOf(database, row.id, plan.change.kind, ids)
  const unnamed = free.filter(({ id }) => !granted.has(id))
  if (unnamed.length > 0) await nameThem(database, { row, plan, state }, unnamed, { fencing, now })
  return free.filter(({ id }) => {
    const permit = permits.get(granted.get(id)?.authorisationId ?? '')
    return permit !== undefined && permit.over === null && permit.missing === 0
  })
}

const nameThem = async (
  database: Kysely<DatabaseSchema>,
  { row, plan }: StoredRollout,
  hosts: readonly RolloutHost[],
  { fencing, now }: { readonly fencing: number; readonly now: Date },
): Promise<void> => {
  const permits = await planPermits(database, plan, hosts)
  await database.transaction().execute(async (transaction) => {
    // The same condition as of a step's writes; the row's lock keeps a second leader from making the same text.
    const { numUpdatedRows: led } = await transaction
      .updateTable('rollouts')
      .set({ fencing })
      .where('id', '=', row.id)
      .where('fencing', '<=', String(fencing))
      .where(isNewest(fencing))
      .executeTakeFirstOrThrow()
    if (led === 0n) return
    const who = { ...SERVER, now, userId: row.created_by, username: row.created_by_name }
    await appendAudit(transaction, ...(await insertPermits(transaction, { id: row.id, plan }, permits, who)))
  })
}

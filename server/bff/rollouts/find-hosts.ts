import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { RolloutHost } from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { filterConditions } from '../hosts/filter-sql.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import type { FitHosts, NamedHost } from '../patches/fit-hosts.ts'
import { readChangeOf } from './plan-fit.ts'

export const labelsOf = async (database: Kysely<DatabaseSchema>, ids: readonly string[]) => {
  const rows = await database
    .selectFrom('hosts')
    .select(['id', 'labels'])
    .where(sql<boolean>`id = any(${[...ids]}::uuid[])`)
    .execute()
  return new Map(rows.map(({ id, labels }) => [id, labels]))
}

/**
 * The hosts that a plan's filter finds in a scope, each with whether the change can be made there.
 * @param among further conditions on the table `hosts`, by that name
 * @throws DomainError `filter_invalid`
 */
export const findHosts = async (
  database: Kysely<DatabaseSchema>,
  fitHosts: FitHosts,
  plan: RolloutPlan,
  scope: HostScope,
  among: readonly RawBuilder<boolean>[] = [],
): Promise<RolloutHost[]> => {
  const found = await fitHosts.read(scope, [...filterConditions(plan.hosts), ...among], () => true)
  return rolloutHosts(database, plan, found)
}

/** Those of these hosts that are in a scope, whether or not the plan's filter still finds them. */
export const findHostsOf = async (
  database: Kysely<DatabaseSchema>,
  fitHosts: FitHosts,
  plan: RolloutPlan,
  scope: HostScope,
  ids: readonly string[],
): Promise<RolloutHost[]> => {
  const named = sql<boolean>`hosts.id = any(${[...ids]}::uuid[])`
  return rolloutHosts(database, plan, await fitHosts.read(scope, [named], () => true))
}

const rolloutHosts = async (
  database: Kysely<DatabaseSchema>,
  plan: RolloutPlan,
  found: readonly NamedHost[],
): Promise<RolloutHost[]> => {
  const changeOf = await readChangeOf(database, plan)
  const labels = await labelsOf(
    database,
    found.map(({ id }) => id),
  )
  return found.map(({ id, name, facts }) => {
    const { fit, refusal } = changeOf(facts)
    return {
      ...{ id, name, labels: labels.get(id) ?? {} },
      fit: refusal === null ? fit : { fits: false, why: refusal.slice(0, 500) },
    }
  })
}

import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { type PolicyBreach, type RolloutPolicy, RolloutPolicySpec } from '@rebootless/shared/contract/rollout-policy.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { policyBreaches } from '@rebootless/shared/domain/rollouts/policy.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { filterConditions } from '../hosts/filter-sql.ts'
import type { StoredRollout } from './stored-rollout.ts'

const readPolicies = async (database: Kysely<DatabaseSchema>): Promise<RolloutPolicy[]> => {
  const rows = await database.selectFrom('rollout_policies').select(['name', 'spec']).orderBy('name').execute()
  return rows.map(({ name, spec }) => ({ name, ...RolloutPolicySpec.parse(JSON.parse(spec)) }))
}

/** Those of the hosts that a policy is about. */
const hostsOf = (database: Kysely<DatabaseSchema>, { hosts }: RolloutPolicy, ids: readonly string[]) => {
  let query = database
    .selectFrom('hosts')
    .select('id')
    .where(sql<boolean>`id = any(${[...ids]}::uuid[])`)
  for (const condition of filterConditions(hosts)) query = query.where(condition)
  return query
}

/**
 * What a plan lacks of the policies over its hosts, in order of their names.
 * @param waves the hosts that go in each wave
 * @param policies left out: all that are kept
 */
export const breachesOf = async (
  database: Kysely<DatabaseSchema>,
  plan: RolloutPlan,
  waves: readonly (readonly string[])[],
  policies?: readonly RolloutPolicy[],
): Promise<PolicyBreach[]> => {
  const ids = waves.flat()
  const counts = waves.map((hosts) => hosts.length)
  const breaches: PolicyBreach[] = []
  for (const policy of policies ?? (await readPolicies(database))) {
    const found = policyBreaches(policy, plan, counts)
    // Most plans hold most policies: whose hosts they are is asked only of those that they do not.
    if (found.length > 0 && (await hostsOf(database, policy, ids).limit(1).executeTakeFirst()) !== undefined)
      breaches.push(...found)
  }
  return breaches
}

/** The same of a rollout that is kept. */
export const breachesOfState = (
  database: Kysely<DatabaseSchema>,
  { plan, state }: Pick<StoredRollout, 'plan' | 'state'>,
  policies?: readonly RolloutPolicy[],
): Promise<PolicyBreach[]> => {
  const waves: string[][] = plan.waves.map(() => [])
  for (const { id, wave, stage } of state.hosts.values()) {
    if (wave !== null && stage !== 'left out') waves[wave]?.push(id)
  }
  return breachesOf(database, plan, waves, policies)
}

/**
 * Those of newcomers that a policy is about which the plan breaks: a rollout that has begun goes on over its own hosts as it was
 * approved, and takes in none besides against a policy.
 */
export const barredNewcomers = async (
  database: Kysely<DatabaseSchema>,
  { plan, state }: Pick<StoredRollout, 'plan' | 'state'>,
  ids: readonly string[],
): Promise<ReadonlySet<string>> => {
  const counts = plan.waves.map(() => 0)
  for (const { wave, stage } of state.hosts.values()) {
    if (wave !== null && stage !== 'left out') counts[wave] = (counts[wave] ?? 0) + 1
  }
  const barred = new Set<string>()
  for (const policy of await readPolicies(database)) {
    if (policyBreaches(policy, plan, counts).length === 0) continue
    for (const { id } of await hostsOf(database, policy, ids).execute()) barred.add(id)
  }
  return barred
}

/** All of them in one text; null: there is none. */
export const breachText = (breaches: readonly PolicyBreach[]): string | null =>
  breaches.length === 0 ? null : breaches.map(({ sentence }) => sentence).join(' ')

/** @throws DomainError `rollout_breaks_policy` that names all */
export const requireNoBreach = (breaches: readonly PolicyBreach[]): void => {
  const text = breachText(breaches)
  if (text !== null) throw new DomainError('rollout_breaks_policy', text)
}

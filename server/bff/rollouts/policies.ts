import {
  type KeptRolloutPolicy,
  type RolloutPolicy,
  type RolloutPolicySet,
  RolloutPolicySpec,
} from '@rebootless/shared/contract/rollout-policy.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { Kysely, Selectable, Transaction } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import { type Act, done } from '../commands/act.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { tellOf } from '../events/append-event.ts'
import { breachesOfState } from './policy-breaches.ts'
import { readRollout } from './stored-rollout.ts'

type Row = Selectable<DatabaseSchema['rollout_policies']>

const policyOf = ({ name, spec }: Pick<Row, 'name' | 'spec'>): RolloutPolicy => ({
  name,
  ...RolloutPolicySpec.parse(JSON.parse(spec)),
})
const viewOf = (row: Row): KeptRolloutPolicy => ({
  ...policyOf(row),
  ...{ updatedBy: row.updated_by, updatedAt: row.updated_at.toISOString() },
})
const policyNotFound = () =>
  new DomainError('rollout_policy_not_found', 'There is no such policy: see the list of policies.')
const target = (name: string) => ({ kind: 'rollout_policy', id: name, name })

/** By name. */
export const listPolicies = async (database: Kysely<DatabaseSchema>): Promise<KeptRolloutPolicy[]> => {
  const rows = await database.selectFrom('rollout_policies').selectAll().orderBy('name').execute()
  return rows.map(viewOf)
}

/** @throws DomainError `rollout_policy_not_found` */
export const readPolicy = async (database: Kysely<DatabaseSchema>, name: string): Promise<KeptRolloutPolicy> => {
  const row = await database.selectFrom('rollout_policies').selectAll().where('name', '=', name).executeTakeFirst()
  if (row === undefined) throw policyNotFound()
  return viewOf(row)
}

/** Rollouts that have begun and are not over, as far as they would be refused now. */
const goOn = async (
  transaction: Transaction<DatabaseSchema>,
  policy: RolloutPolicy,
): Promise<RolloutPolicySet['goOn']> => {
  const rows = await transaction
    .selectFrom('rollouts')
    .select('id')
    .where('phase', 'in', ['running', 'paused', 'reversing'])
    .orderBy('created_at')
    .execute()
  const going: RolloutPolicySet['goOn'] = []
  for (const { id } of rows) {
    const rollout = await readRollout(transaction, id)
    const breaches = await breachesOfState(transaction, rollout, [policy])
    if (breaches.length > 0) going.push({ id, name: rollout.row.name, breaches })
  }
  return going
}

/** Makes a policy or changes it; the same again changes nothing. */
export const setPolicy = (
  database: Kysely<DatabaseSchema>,
  name: string,
  spec: RolloutPolicySpec,
  who: Act & { readonly username: string },
): Promise<RolloutPolicySet> =>
  database.transaction().execute(async (transaction) => {
    const before = await transaction
      .selectFrom('rollout_policies')
      .selectAll()
      .where('name', '=', name)
      .forUpdate()
      .executeTakeFirst()
    const text = databaseText(canonicalJson(spec))
    const written = { spec: text, updated_by: who.username, updated_at: who.now }
    const row =
      before?.spec === text
        ? before
        : await transaction
            .insertInto('rollout_policies')
            .values({ name, ...written })
            .onConflict((conflict) => conflict.column('name').doUpdateSet(written))
            .returningAll()
            .executeTakeFirstOrThrow()
    const policy = viewOf(row)
    const going = await goOn(transaction, policy)
    await appendAudit(
      transaction,
      done(who, {
        ...{ action: 'rollout_policy.set', target: target(name), reason: policy.reason },
        ...(before === undefined ? {} : { before: fieldsOf(before) }),
        after: { ...fieldsOf(row), goOn: going.map((rollout) => rollout.id) },
      }),
    )
    if (row !== before) await tellOf(transaction, 'policies', who.now)
    return { policy, goOn: going }
  })

/** As the audit log keeps it: the reason stands beside. */
const fieldsOf = ({ spec }: Pick<Row, 'spec'>) => {
  const { hosts, requires } = JSON.parse(spec)
  return { hosts, requires }
}

/** @throws DomainError `rollout_policy_not_found` */
export const deletePolicy = (database: Kysely<DatabaseSchema>, name: string, reason: string, who: Act): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const row = await transaction
      .deleteFrom('rollout_policies')
      .where('name', '=', name)
      .returningAll()
      .executeTakeFirst()
    if (row === undefined) throw policyNotFound()
    const before = fieldsOf(row)
    await appendAudit(transaction, done(who, { action: 'rollout_policy.delete', target: target(name), reason, before }))
    await tellOf(transaction, 'policies', who.now)
  })

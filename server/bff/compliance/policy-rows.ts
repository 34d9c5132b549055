import {
  type SlaPolicy,
  type SlaPolicyAnswer,
  type SlaPolicyChange,
  SlaSpec,
} from '@rebootless/shared/contract/compliance-policy.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { DEFAULT_SLA } from '@rebootless/shared/domain/compliance/default-policy.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { type Kysely, type Selectable, sql } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import { type Act, done } from '../commands/act.ts'
import type { ComplianceTables } from '../database/compliance-tables.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'

const HISTORY_MAX = 100

const DEFAULT_POLICY: SlaPolicy = { version: 0, spec: DEFAULT_SLA, setBy: null, setAt: null, reason: null }

const policyOf = (row: Selectable<ComplianceTables['sla_policies']>): SlaPolicy => ({
  ...{ version: row.version, spec: SlaSpec.parse(row.spec), reason: row.reason },
  ...{ setBy: row.set_by_name, setAt: row.set_at.toISOString() },
})

const versions = (database: Kysely<DatabaseSchema>) =>
  database.selectFrom('sla_policies').selectAll().orderBy('version', 'desc')

/** The policy that was set at a moment. */
export const policyAt = async (database: Kysely<DatabaseSchema>, at: Date): Promise<SlaPolicy> => {
  const row = await versions(database).where('set_at', '<=', at).limit(1).executeTakeFirst()
  return row === undefined ? DEFAULT_POLICY : policyOf(row)
}

export const readPolicy = async (database: Kysely<DatabaseSchema>): Promise<SlaPolicyAnswer> => {
  const rows = await versions(database).limit(HISTORY_MAX).execute()
  const policies = rows.map(policyOf)
  return {
    policy: policies[0] ?? DEFAULT_POLICY,
    history: policies.map(({ version, setBy, setAt, reason }) => ({ version, setBy, setAt, reason })),
  }
}

/** @throws DomainError `action_refused` when somebody else set another one meanwhile */
export const setPolicy = (
  database: Kysely<DatabaseSchema>,
  { spec, reason, basedOn }: SlaPolicyChange,
  who: Act & { readonly username: string },
): Promise<SlaPolicyAnswer> =>
  database.transaction().execute(async (transaction) => {
    await sql`lock table sla_policies in exclusive mode`.execute(transaction)
    const { policy: before } = await readPolicy(transaction)
    if (before.version !== basedOn) {
      throw new DomainError(
        'action_refused',
        `Version ${before.version} was set meanwhile: look at it, and change that one.`,
      )
    }
    const version = before.version + 1
    // Never before the one that it follows, whatever the clock says: of a past moment there is one answer.
    const setAt = new Date(Math.max(who.now.getTime(), before.setAt === null ? 0 : Date.parse(before.setAt) + 1))
    const kept = { version, spec: databaseText(canonicalJson(spec)), reason: databaseText(reason) }
    await transaction
      .insertInto('sla_policies')
      .values({ ...kept, set_by_name: who.username, set_at: setAt })
      .execute()
    const target = { kind: 'sla_policy', id: String(version), name: `version ${version}` }
    await appendAudit(
      transaction,
      done(who, { action: 'sla_policy.set', target, reason, before: before.spec, after: spec }),
    )
    return await readPolicy(transaction)
  })

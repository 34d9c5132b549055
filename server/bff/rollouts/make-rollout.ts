import { createHash, randomUUID } from 'node:crypto'
import type { RolloutRequest } from '@rebootless/shared/contract/rollout-requests.ts'
import type { RolloutPreview } from '@rebootless/shared/contract/rollouts-api.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { newRollout } from '@rebootless/shared/domain/rollouts/new-rollout.ts'
import { planWaves } from '@rebootless/shared/domain/rollouts/plan-waves.ts'
import type { Kysely } from 'kysely'
import { appendAudit } from '../audit/append-audit.ts'
import { type Act, done } from '../commands/act.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { tellOfRollout } from '../events/append-event.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import type { FitHosts } from '../patches/fit-hosts.ts'
import { findHosts } from './find-hosts.ts'
import { findOverlaps } from './overlaps.ts'
import { insertPermits, planPermits, requireUndo } from './permits.ts'
import { breachesOf, breachesOfState, requireNoBreach } from './policy-breaches.ts'
import { columnsOf, writeHosts } from './stored-rollout.ts'

/** More would not be a rollout that somebody can look at; a fleet has no more. */
const HOSTS_MAX = 50_000

/**
 * Who would go when, now.
 * @throws DomainError `filter_invalid`
 */
export const previewRollout = async (
  database: Kysely<DatabaseSchema>,
  fitHosts: FitHosts,
  { id, plan }: RolloutRequest,
  scope: HostScope,
  now: Date,
): Promise<RolloutPreview> => {
  const hosts = await findHosts(database, fitHosts, plan, scope)
  const rollout = id ?? randomUUID()
  const { waves, others } = planWaves(plan, hosts, rollout)
  const going = waves.flatMap((wave) => wave.hosts.map((host) => host.id))
  return {
    waves: waves.map((wave) => ({
      name: wave.name,
      hosts: wave.hosts.map((host) => ({ id: host.id, name: host.name })),
      domains: wave.domains.map(({ label, atMost, values }) => ({ label, atMost, values: [...values] })),
    })),
    others: others.map(({ host, stage, why }) => ({ id: host.id, name: host.name, stage, why })),
    overlaps: await findOverlaps(database, rollout, going, scope),
    breaches: await breachesOf(
      database,
      plan,
      waves.map((wave) => wave.hosts.map((host) => host.id)),
    ),
    asOf: now.toISOString(),
  }
}

/**
 * Keeps a plan, its hosts as they are now, and the texts that are to be approved. Its hosts are those of the plan's filter
 * in the scope of whoever makes it, for good (threat-model T07).
 * @returns its id
 * @throws DomainError `filter_invalid`, `rollout_refused`, `rollout_breaks_policy`
 */
export const makeRollout = async (
  database: Kysely<DatabaseSchema>,
  fitHosts: FitHosts,
  { id = randomUUID(), plan }: RolloutRequest,
  who: Act & { readonly userId: string; readonly username: string; readonly scope: HostScope },
): Promise<string> => {
  requireUndo(plan)
  const { now, scope } = who
  const hosts = await findHosts(database, fitHosts, plan, scope)
  if (hosts.length === 0) throw new DomainError('rollout_refused', 'No host matches the plan: change its filter.')
  if (hosts.length > HOSTS_MAX) {
    throw new DomainError('rollout_refused', `A rollout has at most ${HOSTS_MAX} hosts: narrow its filter.`)
  }
  const state = newRollout(id, plan, hosts, now.getTime())
  requireNoBreach(await breachesOfState(database, { plan, state }))
  const going = hosts.filter((host) => state.hosts.get(host.id)?.wave !== null)
  const permits = await planPermits(database, plan, going)
  const text = canonicalJson(plan)
  const sha256 = createHash('sha256').update(text).digest('hex')
  const name = databaseText(plan.name)
  await database.transaction().execute(async (transaction) => {
    const { sentence, ...columns } = columnsOf(plan, state, now, false)
    const { numInsertedOrUpdatedRows: inserted } = await transaction
      .insertInto('rollouts')
      .values({
        ...{ id, name, plan: text, plan_sha256: sha256, ...columns, sentence: databaseText(sentence) },
        ...{ version: 1, fencing: 0, scope: scope.text, created_by: who.userId, created_by_name: who.username },
        ...{ created_at: now, started_at: null, ended_at: null },
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirstOrThrow()
    if (inserted === 0n) throw new DomainError('rollout_refused', 'There is a rollout of this id already.')
    await writeHosts(
      transaction,
      id,
      [...state.hosts.values()].map((host, place) => ({ host, place, looksSame: false })),
    )
    const entries = await insertPermits(transaction, { id, plan }, permits, who)
    const entry = done(who, {
      action: 'rollout.create',
      target: { kind: 'rollout', id, name },
      reason: plan.reason,
      after: { planSha256: sha256, hostCount: hosts.length, goingCount: going.length, textCount: permits.length },
    })
    await appendAudit(transaction, entry, ...entries)
    await tellOfRollout(transaction, id, now)
  })
  return id
}

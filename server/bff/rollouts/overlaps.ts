import type { HostProgress, RolloutPreview } from '@rebootless/shared/contract/rollouts-api.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { overlapOf } from '@rebootless/shared/domain/rollouts/overlap.ts'
import { isInChange, type RolloutState } from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { isVisible } from './visible.ts'

/** Any fixed number that nothing else locks: two who begin at once look one after the other. */
const BEGIN_LOCK = 0x52_62_6c_72

/** Its change is still to come, or is not over; of one that is undone, what was done as well. */
const isStillToChange = (host: HostProgress, phase: RolloutState['phase']): boolean =>
  host.stage === 'waiting' || isInChange(host) || (phase === 'reversing' && host.ours)

interface Rival {
  readonly id: string
  readonly name: string
  readonly hosts: readonly HostProgress[]
}

/** Rollouts that have begun, or are about to, and would change some of these hosts. */
const rivalsOf = async (database: Kysely<DatabaseSchema>, id: string, hosts: readonly string[]): Promise<Rival[]> => {
  if (hosts.length === 0) return []
  const { rows } = await sql<{ id: string; name: string; phase: RolloutState['phase']; progress: HostProgress }>`
    select rollouts.id, rollouts.name, rollouts.phase, rollout_hosts.progress
    from rollouts join rollout_hosts on rollout_hosts.rollout_id = rollouts.id
    where rollouts.id <> ${id} and rollout_hosts.host_id = any(${[...hosts]}::uuid[])
      and rollout_hosts.stage not in ('left out', 'due for a boot') and (
        rollouts.follows
        or exists (select from rollout_acts where rollout_acts.rollout_id = rollouts.id and taken_at is null)
      )
    order by rollouts.created_at, rollouts.id, rollout_hosts.place`.execute(database)
  const rivals = new Map<string, { id: string; name: string; hosts: HostProgress[] }>()
  for (const row of rows) {
    if (!isStillToChange(row.progress, row.phase)) continue
    const rival = rivals.get(row.id) ?? { id: row.id, name: row.name, hosts: [] }
    rival.hosts.push(row.progress)
    rivals.set(row.id, rival)
  }
  return [...rivals.values()]
}

/** Hosts that another rollout changes now, or is about to. */
export const hostsOfRivals = async (
  database: Kysely<DatabaseSchema>,
  id: string,
  hosts: readonly string[],
): Promise<ReadonlySet<string>> =>
  new Set((await rivalsOf(database, id, hosts)).flatMap((rival) => rival.hosts.map((host) => host.id)))

/** With whom a rollout of these hosts would overlap now. What the caller may not see is not named (threat-model T07). */
export const findOverlaps = async (
  database: Kysely<DatabaseSchema>,
  id: string,
  hosts: readonly string[],
  scope: HostScope,
): Promise<RolloutPreview['overlaps']> => {
  const rivals = await rivalsOf(database, id, hosts)
  return Promise.all(
    rivals.map(async (rival) => {
      const seen = await isVisible(database, scope, rival.id)
      return { id: seen ? rival.id : null, name: seen ? rival.name : null, hosts: rival.hosts.length }
    }),
  )
}

/**
 * Whoever begins second is refused, with the overlap named; until the transaction ends nobody else begins. The name of a
 * rollout that the caller may not see is not told (threat-model T07).
 * @throws DomainError `rollout_overlaps`
 */
export const requireNoOverlap = async (
  transaction: Transaction<DatabaseSchema>,
  rollout: { readonly id: string; readonly name: string },
  hosts: readonly HostProgress[],
  scope: HostScope,
): Promise<void> => {
  await sql`select pg_advisory_xact_lock(${BEGIN_LOCK})`.execute(transaction)
  const ids = hosts.map((host) => host.id)
  for (const rival of await rivalsOf(transaction, rollout.id, ids)) {
    const name = (await isVisible(transaction, scope, rival.id)) ? rival.name : 'another rollout'
    const overlap = overlapOf(rollout, hosts, { name }, rival.hosts)
    if (overlap !== null) throw new DomainError('rollout_overlaps', overlap.sentence)
  }
}

/** Hosts that a start would change. */
export const toBeChanged = ({ hosts }: RolloutState): HostProgress[] =>
  [...hosts.values()].filter((host) => host.stage === 'waiting' || isInChange(host))
/** Hosts that a reversal would change. */
export const toBeUndone = ({ hosts }: RolloutState, fromWave: number): HostProgress[] =>
  [...hosts.values()].filter((host) => host.ours && host.wave !== null && host.wave >= fromWave)

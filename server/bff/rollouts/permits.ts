import { randomUUID } from 'node:crypto'
import type { AuditEntry } from '@rebootless/shared/contract/audit.ts'
import { Authorisation } from '@rebootless/shared/contract/command.ts'
import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { CLOCK_SKEW_MS_MAX } from '@rebootless/shared/domain/agent-link.ts'
import { approvalsNeeded } from '@rebootless/shared/domain/approvals-needed.ts'
import { lostApproval } from '@rebootless/shared/domain/authorisation-state.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { RolloutHost } from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import { counted, cut } from '@rebootless/shared/domain/sentence.ts'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Act } from '../commands/act.ts'
import { readApprovals } from '../commands/approvals.ts'
import { type CommandHost, readCommandHosts } from '../commands/command-facts.ts'
import { insertAuthorisation } from '../commands/insert-authorisation.ts'
import { databaseText } from '../database/database-text.ts'
import type { RolloutTables } from '../database/rollout-tables.ts'
import type { DatabaseSchema } from '../database/schema.ts'

/** The contract's most hosts of one text. */
const HOSTS_MAX = 5000
/** An hour less than the longest that an agent takes. */
const VALID_MS = (31 * 24 - 1) * 60 * 60 * 1000

type PermitAction = RolloutTables['rollout_permits']['action']
type Artefact = NonNullable<Authorisation['artefact']>

/** One text of one act for hosts of one kernel. */
interface Permit {
  readonly action: PermitAction
  readonly patch: string | null
  readonly artefact: Artefact | null
  readonly kernel: NonNullable<Authorisation['kernel']>
  readonly target: Authorisation['target']
  readonly approvals: number
  readonly hosts: CommandHost[]
}

/** All acts that a plan's engine may order on a host, undoing included, so that approvers know them before it begins. */
const actsOf = ({ change, stalls }: RolloutPlan): { action: PermitAction; target: Authorisation['target'] }[] => {
  const goes = change.kind === 'disable' ? 'unpatching' : 'patching'
  const retry = stalls.policy === 'retry' ? [{ action: 'retry' as const, target: goes } as const] : []
  switch (change.kind) {
    // Its reversal is approved with it.
    case 'load':
      return [{ action: 'load', target: null }, ...retry]
    case 'disable':
      return [
        { action: 'disable', target: null },
        { action: 'enable', target: null },
        { action: 'reverse', target: goes },
        ...retry,
      ]
    case 'update':
      return [{ action: 'update', target: null }]
  }
}

/** @returns by SHA-256 */
const readArtefacts = async (
  database: Kysely<DatabaseSchema>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Artefact>> => {
  if (ids.length === 0) return new Map()
  const rows = await database
    .selectFrom('artefacts')
    .select(['sha256', 'size', 'release_counter'])
    .where('sha256', 'in', [...ids])
    .execute()
  return new Map(
    rows.map((row) => [row.sha256, { sha256: row.sha256, size: row.size, releaseCounter: row.release_counter }]),
  )
}

/**
 * What is to be authorised for these hosts: one text for each act, module, kernel and number of approvals, so that hosts of
 * class lab wait for nobody. What it says of kernels and modules is what the server knows (threat-model T08).
 */
export const planPermits = async (
  database: Kysely<DatabaseSchema>,
  plan: RolloutPlan,
  hosts: readonly RolloutHost[],
): Promise<Permit[]> => {
  const going = hosts.flatMap(({ id, fit }) => (fit.fits ? [{ id, fit }] : []))
  const commanded = await readCommandHosts(
    database,
    going.map(({ id }) => id),
  )
  const artefacts = await readArtefacts(database, [...new Set(going.flatMap(({ fit }) => fit.artefact ?? []))])
  const downgrade = plan.change.kind === 'load' && plan.change.downgrade
  const permits = new Map<string, Permit>()
  for (const { id, fit } of going) {
    const host = commanded.get(id)
    if (host === undefined || host.kernelRelease === null) continue
    const threshold = host.facts.policy?.threshold ?? 1
    const kernel = { release: databaseText(host.kernelRelease), buildId: host.kernelBuildId }
    for (const { action, target } of actsOf(plan)) {
      const approvals = approvalsNeeded(
        { hostClass: host.facts.hostClass, threshold },
        { action, downgrade: downgrade && action === 'load' },
      )
      const artefact = action === 'load' ? (artefacts.get(fit.artefact ?? '') ?? null) : null
      const { patch } = fit
      const key = JSON.stringify([action, patch, artefact?.sha256, kernel, approvals])
      const one = permits.get(key) ?? { action, patch, artefact, kernel, target, approvals, hosts: [] }
      one.hosts.push(host)
      permits.set(key, one)
    }
  }
  return [...permits.values()].flatMap((permit) => chunked(permit))
}

const chunked = (permit: Permit): Permit[] =>
  Array.from({ length: Math.ceil(permit.hosts.length / HOSTS_MAX) }, (_, index) => ({
    ...permit,
    hosts: permit.hosts.slice(index * HOSTS_MAX, (index + 1) * HOSTS_MAX),
  }))

/** Stores them. @returns what the audit log is to say of each */
export const insertPermits = async (
  transaction: Transaction<DatabaseSchema>,
  rollout: { readonly id: string; readonly plan: RolloutPlan },
  permits: readonly Permit[],
  who: Act & { readonly userId: string; readonly username: string },
): Promise<AuditEntry[]> => {
  const { id, plan } = rollout
  const { change } = plan
  const begun = new Date(who.now.getTime() - CLOCK_SKEW_MS_MAX).toISOString()
  const entries: AuditEntry[] = []
  for (const { action, patch, artefact, kernel, target, approvals, hosts } of permits) {
    const authorisation = Authorisation.parse({
      ...{ version: 1, id: randomUUID(), action, patch, artefact, kernel, target, blockingTasks: [] },
      provider: change.kind === 'update' ? change.provider : null,
      hosts: hosts
        .map((host) => ({ id: host.id, notBefore: begun }))
        .sort((left, right) => (left.id < right.id ? -1 : 1)),
      expiresAt: new Date(who.now.getTime() + VALID_MS).toISOString(),
      rollout: id,
      downgrade: action === 'load' && change.kind === 'load' && change.downgrade,
      reversal: action === 'load',
      reason: cut(databaseText(`${plan.name}: ${plan.reason}`), 1000),
      ...{ requestedBy: who.username, requestedAt: who.now.toISOString() },
    } satisfies Authorisation)
    const hostName = hosts.length === 1 ? (hosts[0]?.name ?? null) : null
    entries.push(await insertAuthorisation(transaction, authorisation, { approvalsNeeded: approvals, hostName, who }))
    await sql`
      insert into rollout_permits (rollout_id, host_id, action, kernel_release, authorisation_id)
      select ${id}::uuid, host_id, ${action}, ${kernel.release}, ${authorisation.id}::uuid
      from unnest(${hosts.map((host) => host.id)}::uuid[]) as host_id`.execute(transaction)
  }
  return entries
}

export interface PermitState {
  readonly artefact: string | null
  /** How many people have yet to sign. */
  readonly missing: number
  /** Why nothing can be made of it any more, in a sentence; null: it can. */
  readonly over: string | null
}

/** How the texts of a rollout stand, by their ids. */
export const readPermits = async (
  database: Kysely<DatabaseSchema>,
  rollout: string,
  now: Date,
): Promise<ReadonlyMap<string, PermitState>> => {
  const rows = await database
    .selectFrom('authorisations')
    .select(['id', 'artefact_sha256', 'approvals_needed', 'expires_at', 'void_reason', 'cancelled_at'])
    .where('rollout_id', '=', rollout)
    .orderBy('requested_at')
    .orderBy('id')
    .execute()
  const approvals = await readApprovals(
    database,
    rows.map(({ id }) => id),
  )
  return new Map(
    rows.map((row) => {
      const signed = approvals.get(row.id) ?? []
      const lost = row.void_reason ?? lostApproval(signed)
      const over =
        lost !== null
          ? `What was approved is void: ${lost}`
          : row.expires_at <= now
            ? `What was approved was good until ${row.expires_at.toISOString()}.`
            : row.cancelled_at === null
              ? null
              : 'What was approved was taken back.'
      return [
        row.id,
        { artefact: row.artefact_sha256, missing: Math.max(0, row.approvals_needed - signed.length), over },
      ]
    }),
  )
}

/** Why a rollout may not go yet, in a sentence; null: it may. */
export const missingApproval = (permits: Iterable<PermitState>): string | null => {
  let waiting = 0
  for (const { missing, over } of permits) {
    if (over !== null) return over
    if (missing > 0) waiting += 1
  }
  return waiting === 0 ? null : `${counted(waiting, 'text')} of it ${waiting === 1 ? 'waits' : 'wait'} for approvers.`
}

interface GrantedPermit {
  readonly authorisationId: string
  /** Of the kernel that the host ran. */
  readonly release: string
}

/** By which text each host may be given an act; the latest that was made, where there are several. */
export const permitsOf = async (
  database: Kysely<DatabaseSchema>,
  rollout: string,
  action: PermitAction,
  hosts: readonly string[],
): Promise<ReadonlyMap<string, GrantedPermit>> => {
  if (hosts.length === 0) return new Map()
  const { rows } = await sql<{ host_id: string; authorisation_id: string; kernel_release: string }>`
    select permit.host_id, permit.authorisation_id, permit.kernel_release
    from rollout_permits as permit join authorisations on authorisations.id = permit.authorisation_id
    where permit.rollout_id = ${rollout} and permit.action = ${action}
      and permit.host_id = any(${[...hosts]}::uuid[])
    order by authorisations.requested_at`.execute(database)
  return new Map(
    rows.map((row) => [row.host_id, { authorisationId: row.authorisation_id, release: row.kernel_release }]),
  )
}

/** @throws DomainError `rollout_refused`: the plan has no act that undoes what it does */
export const requireUndo = (plan: RolloutPlan): void => {
  if (plan.budget.whenSpent !== 'reverse' && plan.stalls.policy !== 'reverse') return
  if (plan.change.kind !== 'update') return
  throw new DomainError(
    'rollout_refused',
    'No documented command takes back what a vendor’s tool has put in: let it pause in place of reversing.',
  )
}

import type { AuditEntry } from '@rebootless/shared/contract/audit.ts'
import { Authorisation } from '@rebootless/shared/contract/command.ts'
import type {
  AuthorisationDetail,
  AuthorisationList,
  AuthorisationSummary,
} from '@rebootless/shared/contract/commands-api.ts'
import { requestTitle } from '@rebootless/shared/domain/act-words.ts'
import { authorisationState, isOpen } from '@rebootless/shared/domain/authorisation-state.ts'
import { authorisationText } from '@rebootless/shared/domain/authorisation-text.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { cut } from '@rebootless/shared/domain/sentence.ts'
import type { Role } from '@rebootless/shared/domain/words.ts'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { readApprovals, type StoredApproval } from './approvals.ts'
import { hostsToReverse } from './hosts-to-reverse.ts'

type Row = Selectable<DatabaseSchema['authorisations']> & {
  alive: boolean
  provider: string | null
  host_name: string | null
}

/**
 * Of the signed text, which is canonical JSON: no quote within a string stands unescaped before a colon. Read as text,
 * since PostgreSQL looks into no `json` that holds U+0000 anywhere, and a reason may (T04).
 */
export const providerNamed = sql<string | null>`substring(authorisations.payload from '"provider":"([^"]*)"')`

export const onlyHostName = sql<string | null>`case when authorisations.host_count = 1 then (
    select hosts.name from commands join hosts on hosts.id = commands.host_id
    where commands.authorisation_id = authorisations.id limit 1
  ) end`

export const authorisationNotFound = () =>
  new DomainError('authorisation_not_found', 'There is no such request: see the list of requests.')

/**
 * Of an authorisation nothing is told but to whom all the hosts that it names are in scope: its text names them all, those
 * too that were removed since, of which nobody can tell any more whose they were (threat-model T07).
 */
const visible = (scope: HostScope) =>
  scope.text === null
    ? sql<boolean>`true`
    : sql<boolean>`authorisations.host_count = (
        select count(distinct hosts.id) from (
          select host_id from commands where commands.authorisation_id = authorisations.id
          union all
          select host_id from rollout_permits where rollout_permits.authorisation_id = authorisations.id
        ) as named join hosts on hosts.id = named.host_id
        where coalesce(${scope.condition}, false)
      )`

const select = (database: Kysely<DatabaseSchema>, scope: HostScope) =>
  database
    .selectFrom('authorisations')
    .selectAll()
    .select(
      sql<boolean>`exists (
        select from commands where commands.authorisation_id = authorisations.id and state in ('waiting', 'sent')
      ) or exists (
        select from rollouts where rollouts.id = authorisations.rollout_id and rollouts.ended_at is null
      )`.as('alive'),
    )
    .select([providerNamed.as('provider'), onlyHostName.as('host_name')])
    .where(visible(scope))

const summaryOf = (row: Row, approvals: readonly StoredApproval[], now: Date): AuthorisationSummary => {
  const condition = authorisationState({
    cancelledBy: row.cancelled_by,
    voidReason: row.void_reason,
    expired: row.expires_at <= now,
    allEnded: !row.alive,
    needed: row.approvals_needed,
    approvals,
  })
  return {
    id: row.id,
    sha256: row.sha256,
    state: condition.state,
    stateReason: condition.reason,
    action: row.action,
    patch: row.patch,
    provider: row.provider,
    hostCount: row.host_count,
    hostName: row.host_name,
    reason: row.reason,
    requestedBy: row.requested_by_name,
    requestedAt: row.requested_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    approvals: approvals.map(({ username, publicKey, signedAt, lost }) => ({
      ...{ username, publicKey, lost },
      signedAt: signedAt.toISOString(),
    })),
    approvalsNeeded: row.approvals_needed,
  }
}

/** What the audit log calls a request: as its title on the pages, whoever reads it. */
export const authorisationTarget = (
  summary: Pick<AuthorisationSummary, 'id' | 'action' | 'patch' | 'provider' | 'hostCount' | 'hostName'>,
): NonNullable<AuditEntry['target']> => ({
  kind: 'authorisation',
  id: summary.id,
  name: cut(requestTitle(summary), 255),
})

/** So far back a state is looked for, which is derived and no column. */
const LOOKED_THROUGH = 500

export const listAuthorisations = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  query: { state?: AuthorisationSummary['state'] | undefined; limit: number },
  now: Date,
): Promise<AuthorisationList> => {
  const rows = await select(database, scope)
    .orderBy('requested_at', 'desc')
    .orderBy('id')
    .limit(query.state === undefined ? query.limit : LOOKED_THROUGH)
    .execute()
  const approvals = await readApprovals(
    database,
    rows.map(({ id }) => id),
  )
  const items = rows
    .map((row) => summaryOf(row, approvals.get(row.id) ?? [], now))
    .filter(({ state }) => query.state === undefined || state === query.state)
    .slice(0, query.limit)
  return { items, asOf: now.toISOString() }
}

/** Who looks, as far as what he may do hangs on it. */
export interface Reader {
  readonly userId: string
  readonly role: Role
  readonly via: 'session' | 'token'
  readonly scope: HostScope
}

/** @throws DomainError `authorisation_not_found` */
export const readAuthorisation = async (
  database: Kysely<DatabaseSchema>,
  id: string,
  reader: Reader,
  now: Date,
): Promise<AuthorisationDetail> => {
  const row = await select(database, reader.scope).where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw authorisationNotFound()
  const approvals = (await readApprovals(database, [id])).get(id) ?? []
  const summary = summaryOf(row, approvals, now)
  const authorisation = Authorisation.parse(JSON.parse(row.payload))
  const hosts = await database
    .selectFrom('hosts')
    .select(['id', 'name', 'host_class'])
    .where(
      'id',
      'in',
      authorisation.hosts.map((host) => host.id),
    )
    .orderBy('name')
    .execute()
  return {
    ...summary,
    payload: row.payload,
    text: authorisationText(authorisation).map(({ field, title, values }) => ({ field, title, values: [...values] })),
    hosts: hosts.map((host) => ({ id: host.id, name: host.name, hostClass: host.host_class })),
    cannotSign: cannotSign(summary, row, approvals, reader),
    cannotCancel: cannotCancel(authorisation, summary, reader),
    cannotReverse:
      cannotReverse(authorisation, row.expires_at <= now, summary, reader) ??
      ((await hostsToReverse(database, id)).length > 0 ? null : NOTHING_TO_REVERSE),
  }
}

const cannotSign = (
  { state, stateReason }: AuthorisationSummary,
  row: Row,
  approvals: readonly StoredApproval[],
  { userId, role, via }: Reader,
): string | null => {
  if (role !== 'approver') return 'Signing needs the role approver.'
  if (via !== 'session') return 'Signing needs a person, not an API token.'
  if (!isOpen(state)) return stateReason
  if (row.requested_by === userId) return 'Whoever asked for it cannot approve it: another approver has to.'
  if (approvals.some((approval) => approval.userId === userId)) return 'You have signed it.'
  return null
}

const NOTHING_TO_REVERSE = 'No host has it from this request: nothing to reverse.'
const OF_ROLLOUT = 'It is part of a rollout: pause, abort or reverse that.'

const cannotCancel = (
  { rollout }: Authorisation,
  { state, stateReason }: AuthorisationSummary,
  { role }: Reader,
): string | null => {
  if (role === 'viewer') return 'Cancelling needs the role operator.'
  if (rollout !== null) return OF_ROLLOUT
  return isOpen(state) ? null : stateReason
}

const cannotReverse = (
  { reversal, rollout }: Authorisation,
  expired: boolean,
  { state, stateReason, expiresAt }: AuthorisationSummary,
  { role, via }: Reader,
): string | null => {
  if (role === 'viewer') return 'A reversal needs the role operator.'
  if (via !== 'session') return 'A reversal needs a person, not an API token.'
  if (rollout !== null) return OF_ROLLOUT
  if (!reversal) return 'Its reversal was not approved with it: ask for disable or reverse.'
  if (!expired && (state === 'approved' || state === 'done' || state === 'cancelled')) return null
  return expired ? `Its reversal was approved until ${expiresAt}: ask for disable.` : stateReason
}

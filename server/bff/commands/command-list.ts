import type { Hello } from '@rebootless/shared/contract/agent-message.ts'
import type { CommandListQuery, CommandView } from '@rebootless/shared/contract/commands-api.ts'
import { isReadOnly, READ_ONLY } from '@rebootless/shared/domain/possible-actions.ts'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { visible } from '../rollouts/visible.ts'
import { providerNamed } from './authorisation-views.ts'

/** Newest first; of hosts in scope alone. */
export const listCommands = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  { host, authorisation, limit }: z.output<typeof CommandListQuery>,
): Promise<CommandView[]> => {
  let query = database
    .selectFrom('commands')
    .innerJoin('hosts', 'hosts.id', 'commands.host_id')
    .innerJoin('authorisations', 'authorisations.id', 'commands.authorisation_id')
    .leftJoin('rollouts', (join) => join.onRef('rollouts.id', '=', 'authorisations.rollout_id').on(visible(scope)))
    .selectAll('commands')
    .select(['hosts.name', 'hosts.connected', 'authorisations.action', 'authorisations.patch'])
    .select(['authorisations.requested_by_name', 'rollouts.id as rollout_id', 'rollouts.name as rollout_name'])
    .select(providerNamed.as('provider'))
    .where(scope.condition)
  if (host !== undefined) query = query.where('commands.host_id', '=', host)
  if (authorisation !== undefined) query = query.where('commands.authorisation_id', '=', authorisation)
  const rows = await query
    .orderBy('commands.created_at', 'desc')
    .orderBy('hosts.name_sort')
    .orderBy('commands.id')
    .limit(limit)
    .execute()
  const protocols = await protocolsOf(database, [...new Set(rows.map((row) => row.host_id))])
  const time = (at: Date | null) => at?.toISOString() ?? null
  return rows.map((row) => ({
    id: row.id,
    authorisationId: row.authorisation_id,
    part: row.part,
    action: row.action,
    patch: row.patch,
    provider: row.provider,
    hostId: row.host_id,
    hostName: row.name,
    state: row.state,
    waitingFor: row.state === 'waiting' ? waitingFor({ ...row, protocol: protocols.get(row.host_id) ?? null }) : null,
    notBefore: row.not_before.toISOString(),
    createdAt: row.created_at.toISOString(),
    issuedAt: time(row.issued_at),
    sentAt: time(row.sent_at),
    startedAt: time(row.started_at),
    endedAt: time(row.ended_at),
    code: row.code,
    detail: row.detail,
    requestedBy: row.requested_by_name,
    rollout:
      row.rollout_id === null || row.rollout_name === null ? null : { id: row.rollout_id, name: row.rollout_name },
  }))
}

/** Taken out here: PostgreSQL looks into no `json` that holds U+0000 anywhere, and a host may say that (T04). */
const protocolsOf = async (database: Kysely<DatabaseSchema>, hosts: readonly string[]) => {
  if (hosts.length === 0) return new Map<string, number>()
  const hellos = await database
    .selectFrom('host_readings')
    .select(['host_id', 'body'])
    .where('kind', '=', 'hello')
    .where('host_id', 'in', [...hosts])
    .execute()
  return new Map(hellos.map(({ host_id, body }) => [host_id, (body as Hello).protocol]))
}

/** What is written down was so when it was last tried; over no link, nothing is tried. */
const waitingFor = ({
  waiting_for: known,
  connected,
  protocol,
}: {
  waiting_for: string | null
  connected: boolean
  protocol: number | null
}): string => {
  if (connected && isReadOnly(protocol)) return READ_ONLY
  if (known !== null) return known
  return connected ? 'It is about to be sent.' : 'The agent is not connected.'
}

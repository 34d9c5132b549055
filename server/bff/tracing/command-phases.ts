import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

/** Where the time of one command went. */
export interface CommandPhases {
  readonly id: string
  readonly hostId: string
  readonly action: string
  readonly state: string
  readonly code: string | null
  readonly traceParent: string
  readonly createdAt: Date
  readonly endedAt: Date
  readonly parts: readonly { readonly name: string; readonly from: Date; readonly to: Date }[]
}

/** @returns undefined: it has not ended, or was asked for when nobody collected traces */
export const readCommandPhases = async (
  database: Kysely<DatabaseSchema>,
  commandId: string,
): Promise<CommandPhases | undefined> => {
  const row = await database
    .selectFrom('commands')
    .innerJoin('authorisations', 'authorisations.id', 'commands.authorisation_id')
    .select(['commands.id', 'commands.host_id', 'commands.part', 'commands.state', 'commands.code'])
    .select(['commands.created_at', 'commands.issued_at', 'commands.started_at', 'commands.ended_at'])
    .select(['authorisations.action', 'authorisations.trace_parent'])
    .where('commands.id', '=', commandId)
    .executeTakeFirst()
  if (row === undefined || row.ended_at === null || row.trace_parent === null) return undefined
  const { issued_at: issuedAt, started_at: startedAt, ended_at: endedAt } = row
  const part = (name: string, from: Date | null, to: Date | null) =>
    from && to && from <= to ? [{ name, from, to }] : []
  return {
    ...{ id: row.id, hostId: row.host_id, state: row.state, code: row.code, traceParent: row.trace_parent },
    action: row.part === 'reversal' ? 'reversal' : row.action,
    ...{ createdAt: row.created_at, endedAt },
    parts: [
      ...part('approvals, waves and windows', row.created_at, issuedAt),
      ...part('on its way to the host', issuedAt, startedAt),
      ...part('in the kernel, as its host told', startedAt, endedAt),
    ],
  }
}

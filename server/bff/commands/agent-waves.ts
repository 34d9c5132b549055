import { counted } from '@rebootless/shared/domain/sentence.ts'
import { AGENT_ITSELF } from '@rebootless/shared/domain/updatable-providers.ts'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

type Row = Pick<Selectable<DatabaseSchema['authorisations']>, 'id' | 'action' | 'payload'>

const isOfAgents = ({ action, payload }: Row): boolean =>
  action === 'update' && payload.includes(`"provider":"${AGENT_ITSELF}"`)

/**
 * Agents are replaced in waves, by the times of the request: one begins when every host of those before it has the new agent, or has
 * refused it and keeps what it had. So a release that does not come back stops at the wave that it broke.
 * @returns what the host waits for; null: nothing
 */
export const waitsForWave = async (
  database: Kysely<DatabaseSchema>,
  authorisation: Row,
  hostId: string,
): Promise<string | null> => {
  if (!isOfAgents(authorisation)) return null
  const { rows } = await sql<{ hosts: number; went_wrong: number }>`
    with waves as (
      select host_id, min(not_before) as begins, bool_or(state in ('failed', 'unknown')) as went_wrong,
        bool_or(state in ('done', 'refused', 'cancelled')) as over
      from commands where authorisation_id = ${authorisation.id} group by host_id
    )
    select count(*)::int as hosts, count(*) filter (where went_wrong)::int as went_wrong from waves
    where begins < (select begins from waves where host_id = ${hostId}) and (went_wrong or not over)`.execute(database)
  const [before] = rows
  if (before === undefined || before.hosts === 0) return null
  // By their number alone: whoever may see this host may not see those (T06).
  return before.went_wrong > 0
    ? `It stopped at ${counted(before.went_wrong, 'host')} of a wave before: see there, cancel this, and ask anew.`
    : `It waits until ${counted(before.hosts, 'host')} of a wave before ${before.hosts === 1 ? 'has' : 'have'} the new agent.`
}

/** Whether a command that names the release has been sent to the host, and has not ended. */
export const isReleaseOf = async (
  database: Kysely<DatabaseSchema>,
  hostId: string,
  sha256: string,
): Promise<boolean> => {
  const sent = await database
    .selectFrom('commands')
    .innerJoin('authorisations', 'authorisations.id', 'commands.authorisation_id')
    .select(['authorisations.id', 'authorisations.action', 'authorisations.payload'])
    .where('commands.host_id', '=', hostId)
    .where('commands.state', '=', 'sent')
    .execute()
  return sent.some((row) => isOfAgents(row) && row.payload.includes(`"sha256":"${sha256}"`))
}

import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

/** Hosts that have the patch from this authorisation, as far as is known, and have not had it taken out again. */
export const hostsToReverse = async (database: Kysely<DatabaseSchema>, authorisationId: string): Promise<string[]> => {
  const rows = await database
    .selectFrom('commands')
    .select('host_id')
    .distinct()
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('commands as reversal')
            .select('reversal.id')
            .whereRef('reversal.authorisation_id', '=', 'commands.authorisation_id')
            .whereRef('reversal.host_id', '=', 'commands.host_id')
            .where('reversal.part', '=', 'reversal')
            .where('reversal.state', '=', 'done'),
        ),
      ),
    )
    .where('authorisation_id', '=', authorisationId)
    .where('part', '=', 'action')
    .where((where) =>
      where.or([
        where('state', 'in', ['done', 'unknown']),
        where.and([where('state', '=', 'sent'), where('started_at', 'is not', null)]),
      ]),
    )
    .execute()
  return rows.map((row) => row.host_id)
}

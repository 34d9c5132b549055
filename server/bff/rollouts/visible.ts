import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { rolloutNotFound } from './stored-rollout.ts'

/**
 * A rollout is told of only to whom all its hosts are in scope, those too that were removed since, of which nobody can tell
 * any more whose they were (threat-model T07). On the table `rollouts`, by that name.
 */
export const visible = (scope: HostScope) =>
  scope.text === null
    ? sql<boolean>`true`
    : sql<boolean>`not exists (
        select from rollout_hosts as named left join hosts on hosts.id = named.host_id
        where named.rollout_id = rollouts.id and not coalesce(${scope.condition}, false)
      ) and exists (select from rollout_hosts as named where named.rollout_id = rollouts.id)`

export const isVisible = async (database: Kysely<DatabaseSchema>, scope: HostScope, id: string): Promise<boolean> => {
  const row = await database
    .selectFrom('rollouts')
    .select('id')
    .where('id', '=', id)
    .where(visible(scope))
    .executeTakeFirst()
  return row !== undefined
}

/** @throws DomainError `rollout_not_found`: there is none, or it is out of scope */
export const requireVisible = async (database: Kysely<DatabaseSchema>, scope: HostScope, id: string): Promise<void> => {
  if (!(await isVisible(database, scope, id))) throw rolloutNotFound()
}

import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'

/** Members that a group tells of: those that have the cause, and where none has it any more, those that had it. */
export const MEMBER_TOLD = sql<boolean>`(
  member.until is null or alert_groups.absent_since is not null or alert_groups.resolved_at is not null
)`

/** Whether a group has a host that these words and this scope hold. On the table `alert_groups`, by that name. */
export const hasHost = (scope: HostScope, words: RawBuilder<boolean> = sql<boolean>`true`) =>
  sql<boolean>`exists (
    select from alert_members as member join hosts on hosts.id = member.host_id
    where member.group_id = alert_groups.id and ${MEMBER_TOLD} and ${scope.condition} and ${words}
  )`

/** Whoever has a scope is told of groups with a host of his; of those without any host, whoever has the whole fleet (threat-model T07). */
export const visible = (scope: HostScope) => (scope.text === null ? sql<boolean>`true` : hasHost(scope))

export const alertNotFound = () =>
  new DomainError(
    'alert_not_found',
    'There is no such alert: it was pruned, or the address is wrong. See the list of alerts.',
  )

/**
 * Whoever acts on an alert acts on it for all its hosts, so they must all be his.
 * @throws DomainError `alert_not_found`, `alert_refused`
 */
export const requireWhole = async (database: Kysely<DatabaseSchema>, scope: HostScope, id: string): Promise<void> => {
  const row = await database
    .selectFrom('alert_groups')
    .select(
      sql<boolean>`not exists (
        select from alert_members as member left join hosts on hosts.id = member.host_id
        where member.group_id = alert_groups.id and ${MEMBER_TOLD} and not coalesce(${scope.condition}, false)
      )`.as('whole'),
    )
    .where('id', '=', id)
    .where(visible(scope))
    .executeTakeFirst()
  if (row === undefined) throw alertNotFound()
  if (scope.text !== null && !row.whole) {
    throw new DomainError(
      'alert_refused',
      'It is of hosts outside of your scope too: ask somebody who may act on them.',
    )
  }
}

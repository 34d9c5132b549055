import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { parseScope } from '@rebootless/shared/domain/host-scope.ts'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { wordCondition } from './filter-sql.ts'

const made: unique symbol = Symbol('scope of hosts')

/**
 * Which hosts somebody may see and act on (T06, T07). Every query of hosts for a caller takes one, and only this file makes
 * them, so that none can be asked without.
 */
export interface HostScope {
  readonly [made]: true
  /** As it is stored with the user or token; null: the whole fleet. Two with the same text hold the same hosts. */
  readonly text: string | null
  /** On the table `hosts`, by that name. */
  readonly condition: RawBuilder<boolean>
}

/** For the server's own work, and for callers without a scope. */
export const WHOLE_FLEET: HostScope = { [made]: true, text: null, condition: sql<boolean>`true` }

/**
 * The scope of whoever was found to ask.
 * @throws DomainError `not_authorised` when what is stored cannot be read: a scope in doubt holds nothing (T33)
 */
export const hostScopeOf = (caller: { readonly scope: string | null }): HostScope => {
  if (caller.scope === null) return WHOLE_FLEET
  const parsed = parseScope(caller.scope)
  if (!parsed.ok) {
    throw new DomainError(
      'not_authorised',
      'Your scope cannot be read, so it holds no host: ask an admin to set it anew.',
    )
  }
  const condition = sql<boolean>`(${sql.join(parsed.words.map(wordCondition), sql` and `)})`
  return { [made]: true, text: caller.scope, condition }
}

/** Those of the given hosts that a scope holds now. */
export const hostsInScope = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  ids: readonly string[],
): Promise<ReadonlySet<string>> => {
  if (ids.length === 0) return new Set()
  const rows = await database
    .selectFrom('hosts')
    .select('id')
    .where('id', 'in', [...ids])
    .where(scope.condition)
    .execute()
  return new Set(rows.map(({ id }) => id))
}

/** One answer for a host that never was, was removed, or is out of scope. */
export const hostNotFound = () =>
  new DomainError(
    'host_not_found',
    'There is no such host: it was removed, or the address is wrong. See the list of hosts.',
  )

import type { ModuleFacts } from '@rebootless/shared/contract/module-facts.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import type { HostOrigin } from '@rebootless/shared/domain/words.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { filterConditions } from '../hosts/filter-sql.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { readEntry, readFacts } from './entries.ts'
import { MESSAGES_OF_HOST } from './fit-hosts.ts'
import { moduleIdsOf } from './patch-fit.ts'

export interface ForecastModule {
  /** SHA-256 of its file. */
  readonly id: string
  readonly facts: ModuleFacts
}

export interface ForecastHost {
  readonly id: string
  readonly name: string
  readonly release: string
  readonly origin: HostOrigin
  readonly connected: boolean
  readonly module: ForecastModule
  /** Which messages of it there are; null: none. */
  readonly of: string | null
}

/** A host of each row is one of the kernel that a module is for. */
const hostsOf = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  modules: readonly ForecastModule[],
  filter: string,
): Promise<ForecastHost[]> => {
  const byKernel = new Map(modules.map((module) => [`${module.facts.release}\0${module.facts.architecture}`, module]))
  let query = database
    .selectFrom('hosts')
    .select(['id', 'name', 'kernel_release', 'architecture', 'origin', 'connected', MESSAGES_OF_HOST.as('of')])
    .where(scope.condition)
    .where(sql<boolean>`hosts.kernel_release = any(${modules.map(({ facts }) => facts.release)}::text[])`)
  for (const condition of filterConditions(filter)) query = query.where(condition)
  const rows = await query.orderBy('name_sort').orderBy('id').execute()
  return rows.flatMap(({ id, name, kernel_release: release, architecture, origin, connected, of }) => {
    const module = byKernel.get(`${release}\0${architecture}`)
    return module === undefined ? [] : [{ id, name, release, origin, connected, module, of }]
  })
}

/**
 * The hosts of a patch's kernels in a scope, each with the module that is for it, by name.
 * @returns also of how many modules the functions are not known
 * @throws DomainError `patch_not_found`, `patch_refused`, `filter_invalid`
 */
export const forecastHostsOf = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  id: string,
  filter: string,
): Promise<{ hosts: ForecastHost[]; unread: number }> => {
  const entry = await readEntry(database, id)
  if (entry.kind === 'vendor_update') {
    throw new DomainError('patch_refused', 'Which functions a vendor’s update changes is not known before it is there.')
  }
  const ids = moduleIdsOf(entry)
  const modules = await Promise.all(
    ids.map(async (module) => ({ id: module, facts: await readFacts(database, module) })),
  )
  const read = modules.flatMap(({ id: module, facts }) => (facts === undefined ? [] : [{ id: module, facts }]))
  const unread = ids.length - read.filter(({ facts }) => facts.objects !== null).length
  return { hosts: await hostsOf(database, scope, read, filter), unread }
}

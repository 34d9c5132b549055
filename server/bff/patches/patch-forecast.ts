import type { ModuleFacts } from '@rebootless/shared/contract/module-facts.ts'
import type { HostForecast, PatchForecast, PatchForecastQuery } from '@rebootless/shared/contract/patch-hosts.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { CANNOT_KNOW, type Forecast, patchForecast } from '@rebootless/shared/domain/patch-forecast.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { filterConditions } from '../hosts/filter-sql.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { isTransitionOld, newestTransition, wholeSnapshot } from '../ingest/host-readings.ts'
import { NO_READINGS, readReadings } from '../ingest/read-readings.ts'
import { readEntry, readFacts } from './entries.ts'
import { compare, pageOf } from './host-pages.ts'
import { moduleIdsOf } from './patch-fit.ts'

/** Snapshots are large: so many are held at once. */
const HOSTS_AT_ONCE = 32
/** Shown of one host; a patch may have thousands of functions. */
const CONFLICTS_MAX = 50
/** The functions that are shown for all hosts together. */
const FUNCTIONS_MAX = 1000

/** A host of each row is one of the kernel that a module is for. */
const hostsOf = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  modules: readonly ModuleFacts[],
  filter: string,
): Promise<{ id: string; name: string; release: string; facts: ModuleFacts }[]> => {
  const byKernel = new Map(modules.map((facts) => [`${facts.release}\0${facts.architecture}`, facts]))
  let query = database
    .selectFrom('hosts')
    .select(['id', 'name', 'kernel_release', 'architecture'])
    .where(scope.condition)
    .where(sql<boolean>`hosts.kernel_release = any(${modules.map(({ release }) => release)}::text[])`)
  for (const condition of filterConditions(filter)) query = query.where(condition)
  const rows = await query.orderBy('name_sort').orderBy('id').execute()
  return rows.flatMap(({ id, name, kernel_release: release, architecture }) => {
    const facts = byKernel.get(`${release}\0${architecture}`)
    return facts === undefined ? [] : [{ id, name, release, facts }]
  })
}

const nothingRead = (): Forecast => ({
  ...{ willRefuse: null, willStall: null, conflicts: [], sleepers: [] },
  unknown: ['Its agent has sent no snapshot yet.'],
})

/** What is in the way on each host of a patch's kernels; each is shown to `seen` whole, and given back cut. */
const forecastHosts = async (
  database: Kysely<DatabaseSchema>,
  hosts: Awaited<ReturnType<typeof hostsOf>>,
  seen: (forecast: Forecast) => void,
): Promise<HostForecast[]> => {
  const forecasts: HostForecast[] = []
  for (let from = 0; from < hosts.length; from += HOSTS_AT_ONCE) {
    const some = hosts.slice(from, from + HOSTS_AT_ONCE)
    const ids = some.map(({ id }) => id)
    const readings = await readReadings(database, ids)
    for (const { id, name, release, facts } of some) {
      const said = readings.get(id) ?? NO_READINGS
      const sample = isTransitionOld(said) ? null : newestTransition(said)
      const found =
        said.snapshot === null ? nothingRead() : patchForecast(facts, wholeSnapshot(said.snapshot.body), sample)
      seen(found)
      forecasts.push({
        ...{ host: { id, name, kernelRelease: release }, ...found },
        ...{ conflictTotal: found.conflicts.length, conflicts: found.conflicts.slice(0, CONFLICTS_MAX) },
      })
    }
  }
  return forecasts
}

/** Those that will stall first, then those that will refuse, then what is not known, then what is only worth knowing. */
const rank = ({ willStall, willRefuse, unknown }: HostForecast): number =>
  willStall === true ? 0 : willRefuse === true ? 1 : unknown.length > 0 || willRefuse === null ? 2 : 3

/** Functions over all hosts. */
const createTally = () => {
  type Row = PatchForecast['functions'][number]
  const rows = new Map<string, Row>()
  const rowOf = (object: string, name: string): Row => {
    const key = `${object}\0${name}`
    const row = rows.get(key) ?? { object, function: name, conflicts: [], sleeping: 0, hosts: 0 }
    rows.set(key, row)
    return row
  }
  return {
    add({ conflicts, sleepers }: Forecast): void {
      const touched = new Set<Row>()
      for (const { object, function: name, kind } of conflicts) {
        const row = rowOf(object, name)
        touched.add(row)
        if (!row.conflicts.includes(kind)) row.conflicts.push(kind)
      }
      for (const { object, function: name } of sleepers) {
        const row = rowOf(object, name)
        touched.add(row)
        row.sleeping += 1
      }
      for (const row of touched) row.hosts += 1
    },
    rows: (): Row[] =>
      [...rows.values()]
        .sort((left, right) => right.sleeping - left.sleeping || right.hosts - left.hosts)
        .slice(0, FUNCTIONS_MAX),
  }
}

/**
 * What is in a patch's way on the hosts of its kernels in a scope, before anything is loaded.
 * @throws DomainError `patch_not_found`, `patch_refused`, `filter_invalid`, `cursor_invalid`
 */
export const readPatchForecast = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  id: string,
  query: PatchForecastQuery,
  now: Date,
): Promise<PatchForecast> => {
  const entry = await readEntry(database, id)
  if (entry.kind === 'vendor_update') {
    throw new DomainError('patch_refused', 'Which functions a vendor’s update changes is not known before it is there.')
  }
  const ids = moduleIdsOf(entry)
  const modules = (await Promise.all(ids.map((module) => readFacts(database, module)))).filter(
    (facts) => facts !== undefined,
  )
  const hosts = await hostsOf(database, scope, modules, query.filter)
  const tally = createTally()
  const forecasts = await forecastHosts(database, hosts, tally.add)
  const worth = forecasts.filter(
    ({ conflicts, sleepers, unknown }) => conflicts.length > 0 || sleepers.length > 0 || unknown.length > 0,
  )
  const key = (forecast: HostForecast) => [String(rank(forecast)), forecast.host.name.toLowerCase(), forecast.host.id]
  worth.sort((left, right) => compare(key(left), key(right)))
  const page = pageOf(worth, key, query, JSON.stringify([id, query.filter]))
  const unread = ids.length - modules.filter(({ objects }) => objects !== null).length
  return {
    looked: forecasts.length,
    refusing: forecasts.filter(({ willRefuse }) => willRefuse === true).length,
    stalling: forecasts.filter(({ willStall }) => willStall === true).length,
    ...{ functions: tally.rows(), items: page.items, nextCursor: page.nextCursor, total: worth.length },
    cannotKnow: [
      ...(unread === 0
        ? []
        : ['Which functions it replaces could not be read from its file, so no conflict is foreseen.']),
      ...CANNOT_KNOW,
    ],
    asOf: now.toISOString(),
  }
}

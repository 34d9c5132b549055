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
import { MESSAGES_OF_HOST } from './fit-hosts.ts'
import { pageOf, sortByKey } from './host-pages.ts'
import { inPieces } from './in-pieces.ts'
import { moduleIdsOf } from './patch-fit.ts'

/** Shown of one host; a patch may have thousands of functions. */
const CONFLICTS_MAX = 50
/** The functions that are shown for all hosts together. */
const FUNCTIONS_MAX = 1000

interface Module {
  /** SHA-256 of its file. */
  readonly id: string
  readonly facts: ModuleFacts
}

interface ForecastHost {
  readonly id: string
  readonly name: string
  readonly release: string
  readonly module: Module
  /** Which messages of it there are; null: none. */
  readonly of: string | null
}

/** A host of each row is one of the kernel that a module is for. */
const hostsOf = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  modules: readonly Module[],
  filter: string,
): Promise<ForecastHost[]> => {
  const byKernel = new Map(modules.map((module) => [`${module.facts.release}\0${module.facts.architecture}`, module]))
  let query = database
    .selectFrom('hosts')
    .select(['id', 'name', 'kernel_release', 'architecture', MESSAGES_OF_HOST.as('of')])
    .where(scope.condition)
    .where(sql<boolean>`hosts.kernel_release = any(${modules.map(({ facts }) => facts.release)}::text[])`)
  for (const condition of filterConditions(filter)) query = query.where(condition)
  const rows = await query.orderBy('name_sort').orderBy('id').execute()
  return rows.flatMap(({ id, name, kernel_release: release, architecture, of }) => {
    const module = byKernel.get(`${release}\0${architecture}`)
    return module === undefined ? [] : [{ id, name, release, module, of }]
  })
}

const nothingRead = (): Forecast => ({
  ...{ willRefuse: null, willStall: null, conflicts: [], sleepers: [] },
  unknown: ['Its agent has sent no snapshot yet.'],
})

/** What is kept of a host with few conflicts is some hundred bytes; the few with many are looked at anew. */
const KEPT_MAX = 20_000
const CONFLICTS_KEPT_MAX = 8

/** Forecasts of a module for a host, as long as the host's messages are the same; those asked for longest ago go first. */
export interface KeptForecasts {
  get(host: ForecastHost): Forecast | undefined
  keep(host: ForecastHost, forecast: Forecast): void
}

export const createKeptForecasts = (): KeptForecasts => {
  const kept = new Map<string, { readonly of: string | null; readonly forecast: Forecast }>()
  const keyOf = ({ id, module }: ForecastHost) => `${module.id} ${id}`
  return {
    get(host) {
      const found = kept.get(keyOf(host))
      return found?.of === host.of ? found.forecast : undefined
    },
    keep(host, forecast) {
      kept.delete(keyOf(host))
      if (forecast.conflicts.length > CONFLICTS_KEPT_MAX) return
      kept.set(keyOf(host), { of: host.of, forecast })
      const [oldest] = kept.keys()
      if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest)
    },
  }
}

/** What is in the way on each host of a patch's kernels. */
const forecastHosts = async (
  database: Kysely<DatabaseSchema>,
  kept: KeptForecasts,
  hosts: readonly ForecastHost[],
  seen: (forecast: Forecast) => void,
): Promise<HostForecast[]> => {
  const forecasts: HostForecast[] = []
  const add = ({ id, name, release }: ForecastHost, found: Forecast): void => {
    // Each is shown to `seen` whole, and given back cut.
    seen(found)
    forecasts.push({
      ...{ host: { id, name, kernelRelease: release }, ...found },
      ...{ conflictTotal: found.conflicts.length, conflicts: found.conflicts.slice(0, CONFLICTS_MAX) },
    })
  }
  const unknown: ForecastHost[] = []
  for (const host of hosts) {
    const known = kept.get(host)
    if (known === undefined) unknown.push(host)
    else add(host, known)
  }
  await inPieces(unknown, async (piece) => {
    const ids = piece.map(({ id }) => id)
    const readings = await readReadings(database, ids)
    for (const host of piece) {
      const said = readings.get(host.id) ?? NO_READINGS
      const sample = isTransitionOld(said) ? null : newestTransition(said)
      const found =
        said.snapshot === null
          ? nothingRead()
          : patchForecast(host.module.facts, wholeSnapshot(said.snapshot.body), sample)
      add(host, found)
      kept.keep(host, found)
    }
  })
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
  kept: KeptForecasts,
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
  const modules = await Promise.all(
    ids.map(async (module) => ({ id: module, facts: await readFacts(database, module) })),
  )
  const read = modules.flatMap(({ id: module, facts }) => (facts === undefined ? [] : [{ id: module, facts }]))
  const hosts = await hostsOf(database, scope, read, query.filter)
  const tally = createTally()
  const forecasts = await forecastHosts(database, kept, hosts, tally.add)
  const worth = forecasts.filter(
    ({ conflicts, sleepers, unknown }) => conflicts.length > 0 || sleepers.length > 0 || unknown.length > 0,
  )
  const key = (forecast: HostForecast) => [String(rank(forecast)), forecast.host.name.toLowerCase(), forecast.host.id]
  const page = pageOf(sortByKey(worth, key), key, query, JSON.stringify([id, query.filter]))
  const unread = ids.length - read.filter(({ facts }) => facts.objects !== null).length
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

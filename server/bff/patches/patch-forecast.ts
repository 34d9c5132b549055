import type { HostForecast, PatchForecast, PatchForecastQuery } from '@rebootless/shared/contract/patch-hosts.ts'
import type { TaskLook } from '@rebootless/shared/contract/task-look.ts'
import { CANNOT_KNOW, type Forecast, patchForecast } from '@rebootless/shared/domain/patch-forecast.ts'
import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { isTransitionOld, newestTransition, wholeSnapshot } from '../ingest/host-readings.ts'
import { NO_READINGS, readReadings } from '../ingest/read-readings.ts'
import { type ForecastHost, forecastHostsOf } from './forecast-hosts.ts'
import { readFreshLooks } from './fresh-looks.ts'
import { pageOf, sortByKey } from './host-pages.ts'
import { inPieces } from './in-pieces.ts'

/** Shown of one host; a patch may have thousands of functions. */
const CONFLICTS_MAX = 50
/** The functions that are shown for all hosts together. */
const FUNCTIONS_MAX = 1000

const nothingRead = (): Forecast => ({
  ...{ willRefuse: null, willStall: null, conflicts: [], sleepers: [], look: null },
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
  { database, kept, now }: { database: Kysely<DatabaseSchema>; kept: KeptForecasts; now: Date },
  hosts: readonly ForecastHost[],
  seen: (forecast: Forecast) => void,
): Promise<HostForecast[]> => {
  const forecasts: HostForecast[] = []
  const add = ({ id, name, release, origin }: ForecastHost, found: Forecast): void => {
    // Each is shown to `seen` whole, and given back cut.
    seen(found)
    forecasts.push({
      ...{ host: { id, name, kernelRelease: release, origin }, ...found },
      ...{ conflictTotal: found.conflicts.length, conflicts: found.conflicts.slice(0, CONFLICTS_MAX) },
    })
  }
  const unknown: ForecastHost[] = []
  const answered = hosts.filter(({ of }) => of?.includes('task_look')).map(({ id }) => id)
  const looks = await readFreshLooks(database, answered, now)
  for (const host of hosts) {
    // What was seen of its tasks is soon over: such forecasts are made anew, and not kept.
    const known = looks.has(host.id) ? undefined : kept.get(host)
    if (known === undefined) unknown.push(host)
    else add(host, known)
  }
  /** Of the functions of another patch it tells nothing. */
  const lookOf = ({ id, module }: ForecastHost): TaskLook | null => {
    const look = looks.get(id)
    return look?.id === module.id ? look : null
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
          : patchForecast(host.module.facts, wholeSnapshot(said.snapshot.body), sample, lookOf(host))
      add(host, found)
      if (!looks.has(host.id)) kept.keep(host, found)
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
    add({ conflicts, sleepers, look }: Forecast): void {
      const touched = new Set<Row>()
      for (const { object, function: name, kind } of conflicts) {
        const row = rowOf(object, name)
        touched.add(row)
        if (!row.conflicts.includes(kind)) row.conflicts.push(kind)
      }
      const told = sleepers.map(({ object, function: name }) => ({ object, function: name, tasks: 1 }))
      for (const { object, function: name, tasks } of look?.counts ?? told) {
        const row = rowOf(object, name)
        touched.add(row)
        row.sleeping += tasks
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
  const { hosts, unread } = await forecastHostsOf(database, scope, id, query.filter)
  const tally = createTally()
  const forecasts = await forecastHosts({ database, kept, now }, hosts, tally.add)
  const worth = forecasts.filter(
    ({ conflicts, sleepers, unknown }) => conflicts.length > 0 || sleepers.length > 0 || unknown.length > 0,
  )
  const key = (forecast: HostForecast) => [String(rank(forecast)), forecast.host.name.toLowerCase(), forecast.host.id]
  const page = pageOf(sortByKey(worth, key), key, query, JSON.stringify([id, query.filter]))
  return {
    looked: forecasts.length,
    refusing: forecasts.filter(({ willRefuse }) => willRefuse === true).length,
    tasksLookedAt: forecasts.filter(({ look }) => look !== null).length,
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

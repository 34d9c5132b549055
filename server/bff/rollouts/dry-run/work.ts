import type { ModuleFacts } from '@rebootless/shared/contract/module-facts.ts'
import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { incidentsUnknown } from '@rebootless/shared/domain/incidents-unknown.ts'
import { patchForecast } from '@rebootless/shared/domain/patch-forecast.ts'
import type { DryRunHost, DryRunWork } from '@rebootless/shared/domain/rollouts/dry-run/dry-run-work.ts'
import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../../database/schema.ts'
import { filterConditions } from '../../hosts/filter-sql.ts'
import type { HostScope } from '../../hosts/host-scope.ts'
import { isTransitionOld, newestTransition, wholeSnapshot } from '../../ingest/host-readings.ts'
import { NO_READINGS, readReadings } from '../../ingest/read-readings.ts'
import { readFacts } from '../../patches/entries.ts'
import type { FitHosts, NamedHost } from '../../patches/fit-hosts.ts'
import { readFreshLooks } from '../../patches/fresh-looks.ts'
import { labelsOf } from '../find-hosts.ts'
import { type HostChange, readChangeOf } from '../plan-fit.ts'
import { readDeliveries, readPast, readWorkTimes } from './past.ts'

/** Snapshots are large: so many are held at once. */
const HOSTS_AT_ONCE = 32

export interface WorkOptions {
  readonly database: Kysely<DatabaseSchema>
  readonly fitHosts: FitHosts
  readonly now: Date
  readonly scope: HostScope
  readonly request: Pick<DryRunWork, 'id' | 'plan' | 'seed' | 'runs' | 'beginsAt'>
  readonly signal: AbortSignal
  /** From 0 to 1. */
  onProgress(progress: number): void
}

/**
 * All that a dry run of a plan asks of the fleet: its hosts in a scope, as they are now and as their past was.
 * @throws DomainError `filter_invalid`
 * @throws the signal's reason
 */
export const readDryRunWork = async ({ request, ...options }: WorkOptions): Promise<DryRunWork> => {
  const { database, fitHosts, scope } = options
  const { plan } = request
  const found = await fitHosts.read(scope, filterConditions(plan.hosts), () => true)
  const ids = found.map(({ id }) => id)
  const changeOf = await readChangeOf(database, plan)
  const labels = await labelsOf(database, ids)
  const past = await readPast(database, ids)
  const modules = await modulesOf(database, plan)
  const changes = new Map(found.map((host) => [host.id, changeOf(host.facts)]))
  const seen = await look(options, { found, changes, modules })
  const freeze = await database.selectFrom('fleet_freeze').select('frozen').executeTakeFirst()
  const hosts = found.map(({ id, name, facts }): DryRunHost => {
    const { fit, effect, refusal } = changes.get(id) ?? changeOf(facts)
    return {
      ...{ id, name, labels: labels.get(id) ?? {}, fit, effect, refusal, connected: facts.connected },
      ...{ release: facts.release, architecture: facts.architecture },
      reliableStacks: facts.kernel?.reliableStackTraces ?? null,
      ...(past.get(id) ?? { tasks: null, past: [] }),
      ...(seen.get(id) ?? NOT_SEEN),
    }
  })
  return {
    ...{ ...request, hosts },
    functions: Object.fromEntries([...modules].map(([sha256, facts]) => [sha256, functionsOf(facts)])),
    deliveries: await readDeliveries(database),
    updates: plan.change.kind === 'update' ? await readWorkTimes(database, 'update') : [],
    frozen: freeze?.frozen ?? false,
    signedFor: found.filter(({ id, facts }) => facts.hostClass === 'production' && changes.get(id)?.fit.fits).length,
  }
}

type Seen = Pick<DryRunHost, 'asleep' | 'refusedByKernel' | 'incidentsKnown' | 'load'>
const NOT_SEEN: Seen = { asleep: [], refusedByKernel: null, incidentsKnown: false, load: null }

const modulesOf = async (
  database: Kysely<DatabaseSchema>,
  { change }: RolloutPlan,
): Promise<ReadonlyMap<string, ModuleFacts>> => {
  const modules = new Map<string, ModuleFacts>()
  if (change.kind !== 'load') return modules
  for (const sha256 of change.patches) {
    const facts = await readFacts(database, sha256)
    if (facts !== undefined) modules.set(sha256, facts)
  }
  return modules
}

const functionsOf = ({ objects }: ModuleFacts): string[] =>
  (objects ?? []).flatMap(({ name, functions }) => functions.map((one) => `${name ?? 'vmlinux'}:${one.name}`))

/** What stands in the way of each host's module, whether its kernel's log can be watched, and its load. */
const look = async (
  { database, now, signal, onProgress }: Pick<WorkOptions, 'database' | 'now' | 'signal' | 'onProgress'>,
  about: {
    readonly found: readonly NamedHost[]
    readonly changes: ReadonlyMap<string, HostChange>
    readonly modules: ReadonlyMap<string, ModuleFacts>
  },
): Promise<ReadonlyMap<string, Seen>> => {
  const seen = new Map<string, Seen>()
  const ids = about.found.map(({ id }) => id)
  for (let from = 0; from < ids.length; from += HOSTS_AT_ONCE) {
    signal.throwIfAborted()
    onProgress(from / ids.length)
    const some = ids.slice(from, from + HOSTS_AT_ONCE)
    const readings = await readReadings(database, some)
    const looks = await readFreshLooks(database, some, now)
    for (const id of some) {
      const said = readings.get(id) ?? NO_READINGS
      if (said.snapshot === null) continue
      const snapshot = wholeSnapshot(said.snapshot.body)
      const kernel = said.kernel_readings?.body ?? null
      const fit = about.changes.get(id)?.fit
      const module = (fit?.fits === true ? fit.artefact : null) ?? ''
      const facts = about.modules.get(module)
      const sample = isTransitionOld(said) ? null : newestTransition(said)
      const look = looks.get(id)
      const asleep = look?.id === module ? look : null
      const forecast = facts === undefined ? null : patchForecast(facts, snapshot, sample, asleep)
      seen.set(id, {
        asleep: forecast?.sleepers.map(({ text }) => text).slice(0, 5) ?? [],
        refusedByKernel: forecast?.conflicts.find(({ refuses }) => refuses === true)?.text ?? null,
        incidentsKnown: incidentsUnknown(kernel, null) === null,
        load: kernel?.load?.[2] ?? null,
      })
    }
  }
  return seen
}

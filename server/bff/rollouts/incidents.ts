import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { RolloutIncident } from '@rebootless/shared/contract/rollouts-api.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { incidentsUnknown } from '@rebootless/shared/domain/incidents-unknown.ts'
import type { KernelIncidentKind } from '@rebootless/shared/domain/kernel-incidents.ts'
import { type RolloutState, watchesKernelLog } from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import { cut } from '@rebootless/shared/domain/sentence.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { inServerTime } from '../ingest/host-clock.ts'
import { readReadings } from '../ingest/read-readings.ts'

/** Snapshots are large: so many are held at once. */
const IDS_AT_ONCE = 32
/** As many as a RolloutReading holds. */
const INCIDENTS_MAX = 20

export interface WatchedHost {
  readonly id: string
  readonly clock_skew_ms: number | null
  /** As of its first order. */
  readonly taints: string | null
  readonly told_at: Date | null
}

export interface SeenIncidents {
  readonly incidents: readonly RolloutIncident[]
  /** Why it is not known whether there were any, in a sentence; null: it is. */
  readonly unknown: string | null
}

/** Letters of /proc/sys/kernel/tainted; null: not read. */
export const taintsOf = (snapshot: Pick<Snapshot, 'kernel'> | null): string | null =>
  snapshot?.kernel.taints?.map(({ letter }) => letter).join('') ?? null

/** What a livepatch module that is loaded sets by itself, out of the tree, unsigned or of a distributor's own kind. */
const EXPECTED = new Set(['K', 'O', 'E', 'P', 'X'])
const KINDS: Readonly<Record<string, RolloutIncident['kind']>> = { D: 'oops', W: 'warning', L: 'lockup' }
/** What in the log explains a letter: Documentation/admin-guide/tainted-kernels.rst. */
const EXPLAINED_BY: Readonly<Record<string, readonly KernelIncidentKind[]>> = {
  ...{ D: ['oops'], W: ['warning', 'bug'], L: ['lockup'], B: ['bug', 'sanitizer report'] },
}

/**
 * Of hosts whose order was given and whose gates look at the kernel's log: what befell their kernels since. The log says it; a
 * new letter of taint that nothing in the log explains counts as well.
 */
export const readIncidents = async (
  database: Kysely<DatabaseSchema>,
  plan: RolloutPlan,
  state: RolloutState,
  hosts: readonly WatchedHost[],
): Promise<ReadonlyMap<string, SeenIncidents>> => {
  const watched = hosts.flatMap((host) => {
    const progress = state.hosts.get(host.id)
    const isWatched = progress !== undefined && progress.order !== null && watchesKernelLog(plan, progress.wave)
    if (!isWatched || host.told_at === null) return []
    return [{ ...host, since: new Date(host.told_at.getTime() + (host.clock_skew_ms ?? 0)) }]
  })
  const found = new Map<string, SeenIncidents>()
  for (let from = 0; from < watched.length; from += IDS_AT_ONCE) {
    const some = watched.slice(from, from + IDS_AT_ONCE)
    const logged = await readLogged(database, some)
    const ids = some.map(({ id }) => id)
    const readings = await readReadings(database, ids)
    for (const host of some) {
      const { snapshot = null, kernel_readings: told = null } = readings.get(host.id) ?? {}
      const ofLog = logged.get(host.id) ?? []
      const known = state.hosts.get(host.id)?.reading?.incidents ?? []
      const tainted = snapshot === null ? [] : newTaints(snapshot.body, host.taints, ofLog, known)
      const unknown = incidentsUnknown(told?.body ?? null, host.since)
      found.set(host.id, { incidents: [...ofLog, ...tainted].slice(0, INCIDENTS_MAX), unknown })
    }
  }
  return found
}

/** Incidents since then, oldest first, times in ours. */
const readLogged = async (
  database: Kysely<DatabaseSchema>,
  hosts: readonly (WatchedHost & { readonly since: Date })[],
): Promise<ReadonlyMap<string, RolloutIncident[]>> => {
  const ids = hosts.map(({ id }) => id)
  const since = hosts.map((host) => host.since)
  const { rows } = await sql<{ host_id: string; kind: KernelIncidentKind; at: Date; body: { text: string } }>`
    select host_id, kind, at, body
    from unnest(${ids}::uuid[], ${since}::timestamptz[]) as wanted (id, since)
    cross join lateral (
      select host_id, kind, at, body, kmsg_sequence from kernel_incidents
      where kernel_incidents.host_id = wanted.id and kernel_incidents.at >= wanted.since
      order by at, kmsg_sequence limit ${INCIDENTS_MAX}
    ) as incident
    order by at, kmsg_sequence`.execute(database)
  const skews = new Map(hosts.map(({ id, clock_skew_ms: skew }) => [id, skew]))
  const found = new Map<string, RolloutIncident[]>()
  for (const { host_id: id, kind, at, body } of rows) {
    const when = inServerTime(at, skews.get(id) ?? null).toISOString()
    found.set(id, [...(found.get(id) ?? []), { kind, text: cut(body.text, 500), at: when }])
  }
  return found
}

const newTaints = (
  { kernel, takenAt }: Pick<Snapshot, 'kernel' | 'takenAt'>,
  before: string | null,
  logged: readonly RolloutIncident[],
  known: readonly RolloutIncident[],
): RolloutIncident[] => {
  if (before === null || kernel.taints === null) return []
  const kinds = new Set<string>(logged.map(({ kind }) => kind))
  const isNew = (letter: string) =>
    !before.includes(letter) && !EXPECTED.has(letter) && !EXPLAINED_BY[letter]?.some((kind) => kinds.has(kind))
  return kernel.taints
    .filter(({ letter }) => isNew(letter))
    .map(({ letter, meaning }) => {
      const text = cut(`${letter}: ${meaning}`, 500)
      return known.find((one) => one.text === text) ?? { kind: KINDS[letter] ?? 'taint', text, at: takenAt }
    })
}

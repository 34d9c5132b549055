import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { HostProgress, RolloutIncident, RolloutReading } from '@rebootless/shared/contract/rollouts-api.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { domainsOf } from '@rebootless/shared/domain/rollouts/plan-waves.ts'
import { type RolloutState, watchesKernelLog } from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { WHOLE_FLEET } from '../hosts/host-scope.ts'
import { readReadings } from '../ingest/read-readings.ts'
import type { FitHosts } from '../patches/fit-hosts.ts'
import { type PermitState, permitsOf } from './permits.ts'
import type { ChangeOf } from './plan-fit.ts'

interface Row {
  id: string
  /** Null: the host was removed. */
  revision: string | null
  connected: boolean
  last_seen_at: Date | null
  labels: Record<string, string> | null
  stalled_by: string | null
  stalled_in: string | null
  stalled: boolean
  taints: string | null
}

/** Snapshots are large: so many are held at once. */
const IDS_AT_ONCE = 32

/** Hosts that a step may look at: of waves that are begun or come next, and all that were told. */
const isLookedAt = (host: HostProgress, wave: number): boolean =>
  host.wave !== null && (host.wave <= wave + 1 || host.stage !== 'waiting')

/**
 * What is new of a rollout's hosts since the state's readings. Rows of hosts bear a number that rises with each change,
 * so most of them need not be looked at; those that come next are, since what fits them hangs on the catalogue too.
 */
export const readChangedHosts = async (
  database: Kysely<DatabaseSchema>,
  fitHosts: FitHosts,
  about: {
    readonly plan: RolloutPlan
    readonly state: RolloutState
    readonly changeOf: () => Promise<ChangeOf>
    readonly permits: ReadonlyMap<string, PermitState>
  },
): Promise<RolloutReading[]> => {
  const { plan, state } = about
  const looked = [...state.hosts.values()].filter((host) => isLookedAt(host, state.wave))
  const rows = await readRows(
    database,
    state.id,
    looked.map(({ id }) => id),
  )
  const changed = rows.filter((row) => {
    const host = state.hosts.get(row.id)
    const known = host?.reading ?? null
    if (host === undefined || known === null) return true
    if (row.revision === null) return known.connected
    return Number(row.revision) !== known.revision || row.connected !== known.connected || host.stage === 'waiting'
  })
  if (changed.length === 0) return []
  const ids = changed.map(({ id }) => id)
  const found = await fitHosts.read(WHOLE_FLEET, [sql<boolean>`hosts.id = any(${ids}::uuid[])`], () => true)
  const facts = new Map(found.map((host) => [host.id, host.facts]))
  const granted = await permitsOf(database, state.id, plan.change.kind, ids)
  const changeOf = await about.changeOf()
  const incidents = await readIncidents(database, plan, state, changed)
  return changed.flatMap((row): RolloutReading[] => {
    const host = state.hosts.get(row.id)
    const seen = facts.get(row.id)
    if (host === undefined) return []
    if (row.revision === null || seen === undefined) return goneReading(host)
    const { fit, effect, refusal } = changeOf(seen)
    const by = row.stalled ? stalledText(row) : null
    return [
      {
        ...{ host: row.id, revision: Number(row.revision), connected: row.connected },
        lastSeenAt: row.last_seen_at?.toISOString() ?? null,
        ...{ effect, stalledBy: by },
        refusal: refusal ?? permitRefusal(granted.get(row.id), about.permits, fit, seen.release),
        // What was ordered is followed whatever would fit by now; only a host that has yet to be told hangs on it.
        fit: host.stage === 'waiting' || host.reading === null ? fit : host.reading.fit,
        domains: domainsOf(plan, { id: row.id, name: host.name, labels: row.labels ?? {}, fit }),
        incidents: incidents.get(row.id) ?? host.reading?.incidents ?? [],
        incidentsKnown: incidents.has(row.id) || (host.reading?.incidentsKnown ?? false),
      },
    ]
  })
}

/** A removed host is not heard any more. */
const goneReading = ({ reading }: HostProgress): RolloutReading[] =>
  reading === null ? [] : [{ ...reading, connected: false, refusal: 'The host was removed.' }]

const permitRefusal = (
  granted: { readonly authorisationId: string; readonly release: string } | undefined,
  permits: ReadonlyMap<string, PermitState>,
  fit: RolloutReading['fit'],
  release: string,
): string | null => {
  if (!fit.fits) return null
  const permit = permits.get(granted?.authorisationId ?? '')
  if (granted === undefined || permit === undefined) {
    return 'No text that was to be approved names this host: its kernel was not known.'
  }
  if (permit.over !== null) return permit.over.slice(0, 700)
  if (granted.release !== release) return `Approved was ${granted.release}, and ${release} runs by now.`
  return fit.artefact === permit.artefact ? null : 'Another module fits it by now than was approved.'
}

const stalledText = ({ stalled_by: by, stalled_in: where }: Row): string =>
  `${by ?? 'a task'}${where === null ? '' : ` in ${where}`}`.slice(0, 300)

const readRows = async (database: Kysely<DatabaseSchema>, rollout: string, ids: readonly string[]): Promise<Row[]> => {
  if (ids.length === 0) return []
  const { rows } = await sql<Row>`
    select rollout_hosts.host_id as id, hosts.revision, coalesce(hosts.connected, false) as connected,
      hosts.last_seen_at, hosts.labels, cause.blocking as stalled_by, cause.function as stalled_in,
      coalesce((hosts.transition ->> 'blockingTotal')::int > 0, false) as stalled, rollout_hosts.taints
    from rollout_hosts
    left join hosts on hosts.id = rollout_hosts.host_id
    left join lateral (
      select blocking, function from host_causes
      where host_causes.host_id = hosts.id and blocking is not null
      order by since, key limit 1
    ) as cause on true
    where rollout_hosts.rollout_id = ${rollout} and rollout_hosts.host_id = any(${[...ids]}::uuid[])`.execute(database)
  return rows
}

/** Letters of /proc/sys/kernel/tainted; null: not read. */
const taintsOf = (snapshot: Pick<Snapshot, 'kernel'> | null): string | null =>
  snapshot?.kernel.taints?.map(({ letter }) => letter).join('') ?? null

/**
 * As hosts stand when their first order is given: what comes after it is the change's.
 * Documentation/admin-guide/tainted-kernels.rst
 */
export const keepTaints = async (
  database: Kysely<DatabaseSchema>,
  rollout: string,
  ids: readonly string[],
): Promise<void> => {
  for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
    const some = ids.slice(from, from + IDS_AT_ONCE)
    const readings = await readReadings(database, some)
    await sql`
      update rollout_hosts set taints = said.taints
      from unnest(${some}::uuid[], ${some.map((id) => taintsOf(readings.get(id)?.snapshot?.body ?? null))}::text[])
        as said(host_id, taints)
      where rollout_hosts.rollout_id = ${rollout} and rollout_hosts.host_id = said.host_id`.execute(database)
  }
}

/** What a livepatch module that is loaded sets by itself, out of the tree, unsigned or of a distributor's own kind. */
const EXPECTED = new Set(['K', 'O', 'E', 'P', 'X'])
const KINDS: Readonly<Record<string, RolloutIncident['kind']>> = { D: 'oops', W: 'warning', L: 'lockup' }

/**
 * Of hosts whose taints were read before and after: incidents since the first order, from the letters by which a kernel is tainted: `D` after an oops, `W` after a warning,
 * `L` after a soft lockup. A letter stays until the next boot, so a second warning of one boot is not seen, and nor is a
 * hung task, which taints nothing: agents do not report those yet.
 */
const readIncidents = async (
  database: Kysely<DatabaseSchema>,
  plan: RolloutPlan,
  state: RolloutState,
  rows: readonly Row[],
): Promise<ReadonlyMap<string, RolloutIncident[]>> => {
  const watched = rows.filter((row) => {
    const host = state.hosts.get(row.id)
    return row.taints !== null && host !== undefined && host.order !== null && watchesKernelLog(plan, host.wave)
  })
  const found = new Map<string, RolloutIncident[]>()
  for (let from = 0; from < watched.length; from += IDS_AT_ONCE) {
    const some = watched.slice(from, from + IDS_AT_ONCE)
    const readings = await readReadings(
      database,
      some.map(({ id }) => id),
    )
    for (const { id, taints } of some) {
      const snapshot = readings.get(id)?.snapshot?.body ?? null
      const known = state.hosts.get(id)?.reading?.incidents ?? []
      const before = new Set([...(taints ?? ''), ...known.map(({ text }) => text.slice(0, 1))])
      if (snapshot?.kernel.taints == null) continue
      const fresh = snapshot.kernel.taints.filter(({ letter }) => !before.has(letter) && !EXPECTED.has(letter))
      const at = snapshot.takenAt
      const incidents = fresh.map(({ letter, meaning }): RolloutIncident => {
        const kind = KINDS[letter] ?? 'taint'
        return { kind, text: `${letter}: ${meaning}`.slice(0, 500), at }
      })
      found.set(id, [...known, ...incidents].slice(-20))
    }
  }
  return found
}

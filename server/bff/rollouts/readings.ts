import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { HostProgress, RolloutReading } from '@rebootless/shared/contract/rollouts-api.ts'
import { domainsOf } from '@rebootless/shared/domain/rollouts/plan-waves.ts'
import type { RolloutState } from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { WHOLE_FLEET } from '../hosts/host-scope.ts'
import type { FitHosts } from '../patches/fit-hosts.ts'
import { readIncidents, type SeenIncidents, type WatchedHost } from './incidents.ts'
import { type PermitState, permitsOf } from './permits.ts'
import type { ChangeOf } from './plan-fit.ts'

interface Row extends WatchedHost {
  /** Null: the host was removed. */
  revision: string | null
  connected: boolean
  last_seen_at: Date | null
  labels: Record<string, string> | null
  stalled_by: string | null
  stalled_in: string | null
  stalled: boolean
}

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
    const { fit, effect, refusal, busyWith } = changeOf(seen)
    const by = row.stalled ? stalledText(row) : null
    return [
      {
        ...{ host: row.id, revision: Number(row.revision), connected: row.connected },
        lastSeenAt: row.last_seen_at?.toISOString() ?? null,
        ...{ effect, stalledBy: by, busyWith },
        refusal: refusal ?? permitRefusal(granted.get(row.id), about.permits, fit, seen.release),
        // What was ordered is followed whatever would fit by now; only a host that has yet to be told hangs on it.
        fit: host.stage === 'waiting' || host.reading === null ? fit : host.reading.fit,
        domains: domainsOf(plan, { id: row.id, name: host.name, labels: row.labels ?? {}, fit }),
        ...incidentsOf(host, incidents.get(row.id)),
      },
    ]
  })
}

/** Of a host that is not watched, or no more, what was known of it stays. */
const incidentsOf = (
  { reading }: HostProgress,
  seen: SeenIncidents | undefined,
): Pick<RolloutReading, 'incidents' | 'incidentsKnown' | 'incidentsUnknown'> =>
  seen === undefined
    ? {
        ...{ incidents: reading?.incidents ?? [], incidentsKnown: reading?.incidentsKnown ?? false },
        incidentsUnknown: reading?.incidentsUnknown ?? null,
      }
    : { incidents: [...seen.incidents], incidentsKnown: seen.unknown === null, incidentsUnknown: seen.unknown }

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
      coalesce((hosts.transition ->> 'blockingTotal')::int > 0, false) as stalled,
      rollout_hosts.taints, rollout_hosts.told_at, hosts.clock_skew_ms
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

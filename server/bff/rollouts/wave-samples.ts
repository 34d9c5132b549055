import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import type { HostStage } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { inServerTime } from '../ingest/host-clock.ts'

/** Whose transitions are asked for. */
export interface WaveQuestion {
  readonly rollout: string
  /** Null: all waves. */
  readonly wave: number | null
  /** Livepatches that the rollout is about; null: whatever runs, since a vendor's update names none. */
  readonly patches: readonly string[] | null
  readonly begunAt: Date
}

const membersOf = ({ rollout, wave }: WaveQuestion): RawBuilder<unknown> => sql`
  rollout_hosts join hosts on hosts.id = rollout_hosts.host_id
  where rollout_hosts.rollout_id = ${rollout} ${wave === null ? sql`` : sql`and rollout_hosts.wave = ${wave}`}`

/** A transition of the rollout's own runs on the host, as far as is known. */
const runs = ({ patches }: WaveQuestion): RawBuilder<boolean> =>
  patches === null
    ? sql<boolean>`(hosts.transition is not null)`
    : sql<boolean>`(hosts.transition is not null and hosts.transition ->> 'patch' = any(${[...patches]}::text[]))`

const STALLED = sql<boolean>`((hosts.transition ->> 'blockingTotal')::int > 0)`
const HEARD = sql<boolean>`(hosts.contact = 'fresh')`

export interface StageCount {
  stage: HostStage
  hosts: number
  running: number
  stalled: number
  not_heard: number
  tasks_total: number
  tasks_left: number
}

/** Hosts of each stage, and what runs on them. Of hosts that were removed nothing runs. */
export const countTransitions = async (
  database: Kysely<DatabaseSchema>,
  question: WaveQuestion,
): Promise<StageCount[]> => {
  const { rollout, wave } = question
  const { rows } = await sql<StageCount>`
    select stage, count(*)::int as hosts,
      (count(*) filter (where runs))::int as running,
      (count(*) filter (where runs and heard and stalled))::int as stalled,
      (count(*) filter (where runs and not heard))::int as not_heard,
      coalesce(sum(tasks_total) filter (where runs), 0)::float8 as tasks_total,
      coalesce(sum(tasks_remaining) filter (where runs), 0)::float8 as tasks_left
    from (
      select rollout_hosts.stage, hosts.tasks_total, hosts.tasks_remaining,
        ${runs(question)} as runs, ${STALLED} as stalled, ${HEARD} as heard
      from rollout_hosts left join hosts on hosts.id = rollout_hosts.host_id
      where rollout_hosts.rollout_id = ${rollout} ${wave === null ? sql`` : sql`and rollout_hosts.wave = ${wave}`}
    ) as members
    group by stage`.execute(database)
  return rows
}

/** The curve's points, at the most. */
const POINTS_MAX = 120
const POINT_MS_MIN = 1000
/** How wrong the dates of hosts may be after they were set right (inServerTime). */
const DATES_SLACK = sql`interval '5 seconds'`
/** Rates tell of the time that goes, not of one that has passed: shared/domain/transition-estimate.ts. */
const TASK_RATE_MS = 30_000
const HOST_RATE_MS = 120_000

export interface WaveCurve {
  /** Oldest first; what holds from then on. */
  readonly points: { readonly at: string; readonly tasksLeft: number; readonly hostsInTransition: number }[]
  readonly switchedLately: number
  readonly switchedMs: number
  readonly ended: { readonly recent: number; readonly recentMs: number; readonly all: number; readonly allMs: number }
}

/**
 * Tasks that are left over all hosts, at each moment, from the samples that are kept: each host counts from its first sample
 * with what its latest says, until its transition is over, a second after its last.
 * @param isOver nothing goes on: the curve ends with the last sample, else now
 */
export const readCurve = async (
  database: Kysely<DatabaseSchema>,
  question: WaveQuestion,
  now: Date,
  isOver: boolean,
): Promise<WaveCurve> => {
  const { begunAt, patches } = question
  const { rows } = await sql<{
    point: number
    point_ms: number
    tasks: number
    hosts: number
    ended: number
    ended_lately: number
    switched_lately: number
    first_at: Date
    last_at: Date
  }>`
    with members as materialized (
      select hosts.id, coalesce(hosts.clock_skew_ms, 0) * interval '1 millisecond' as skew, ${runs(question)} as runs
      from ${membersOf(question)}
    ), seen as materialized (
      select sampled_at - skew as at, tasks_remaining as remaining, runs,
        lag(tasks_remaining) over by_host as before, lead(sampled_at) over by_host is null as is_last
      from members join transition_samples on host_id = members.id
      where sampled_at >= ${begunAt}::timestamptz + skew - ${DATES_SLACK}
        ${patches === null ? sql`` : sql`and patch = any(${[...patches]}::text[])`}
      window by_host as (partition by host_id order by epoch, sequence)
    ), steps as materialized (
      select at, remaining - coalesce(before, 0) as tasks, (before is null)::int as hosts from seen
      union all
      select at + interval '1 second', -remaining, -1 from seen where is_last and not runs
    ), axis as (
      select min(at) as first_at, max(at) as last_at, greatest(${POINT_MS_MIN}::float8, ceil(
        1000 * extract(epoch from ${isOver ? sql`max(at)` : sql`greatest(max(at), ${now}::timestamptz)`} - min(at)) / ${POINTS_MAX}
      )) as point_ms from steps
    )
    select floor(1000 * extract(epoch from at - first_at) / point_ms)::int as point, point_ms, first_at, last_at,
      sum(tasks)::float8 as tasks, sum(hosts)::int as hosts, (count(*) filter (where hosts < 0))::int as ended,
      (count(*) filter (where hosts < 0 and at > ${now}::timestamptz - ${HOST_RATE_MS} * interval '1 millisecond'))::int
        as ended_lately,
      coalesce(-sum(tasks) filter (
        where tasks < 0 and at > ${now}::timestamptz - ${TASK_RATE_MS} * interval '1 millisecond'
      ), 0)::float8 as switched_lately
    from steps, axis group by point, point_ms, first_at, last_at order by point`.execute(database)
  return curveOf(rows, now, isOver)
}

const curveOf = (
  rows: readonly {
    readonly point: number
    readonly point_ms: number
    readonly tasks: number
    readonly hosts: number
    readonly ended: number
    readonly ended_lately: number
    readonly switched_lately: number
    readonly first_at: Date
    readonly last_at: Date
  }[],
  now: Date,
  isOver: boolean,
): WaveCurve => {
  const [first] = rows
  if (first === undefined) {
    const none = { recent: 0, recentMs: 0, all: 0, allMs: 0 }
    return { points: [], switchedLately: 0, switchedMs: 0, ended: none }
  }
  const begun = first.first_at.getTime()
  const until = isOver ? first.last_at.getTime() : Math.max(now.getTime(), first.last_at.getTime())
  const byPoint = new Map(rows.map((row) => [row.point, row]))
  const points: WaveCurve['points'][number][] = []
  let [tasksLeft, hostsInTransition] = [0, 0]
  for (let point = 0; begun + point * first.point_ms <= until; point += 1) {
    const step = byPoint.get(point)
    tasksLeft = Math.max(0, tasksLeft + (step?.tasks ?? 0))
    hostsInTransition = Math.max(0, hostsInTransition + (step?.hosts ?? 0))
    points.push({ at: new Date(begun + point * first.point_ms).toISOString(), tasksLeft, hostsInTransition })
  }
  const sumOf = (count: (row: (typeof rows)[number]) => number) => rows.reduce((sum, row) => sum + count(row), 0)
  const sinceBegun = Math.max(0, now.getTime() - begun)
  return {
    points,
    switchedLately: sumOf((row) => row.switched_lately),
    switchedMs: Math.min(TASK_RATE_MS, sinceBegun),
    ended: {
      ...{ recent: sumOf((row) => row.ended_lately), recentMs: Math.min(HOST_RATE_MS, sinceBegun) },
      ...{ all: sumOf((row) => row.ended), allMs: sinceBegun },
    },
  }
}

/** Hosts whose transitions are looked at one by one: those with most tasks left, which will be the last. */
const RUNNING_READ_MAX = 200
/** One a second: what estimateTransition looks at. */
const SAMPLES_OF_ONE = 31

/** Of hosts that are heard and not stalled: what was sampled of the transition that runs, oldest first, by our clock. */
export const readRunning = async (
  database: Kysely<DatabaseSchema>,
  question: WaveQuestion,
): Promise<{ at: string; remaining: number }[][]> => {
  const { rows } = await sql<{
    id: string
    skew: number | null
    started_at: Date
    sampled_at: Date
    tasks_remaining: number
  }>`
    select chosen.id, chosen.skew, latest.* from (
      select hosts.id, hosts.clock_skew_ms as skew from ${membersOf(question)}
        and ${runs(question)} and ${HEARD} and not ${STALLED}
      order by hosts.tasks_remaining desc, hosts.id limit ${RUNNING_READ_MAX}
    ) as chosen
    cross join lateral (
      select started_at, sampled_at, tasks_remaining from transition_samples
      where host_id = chosen.id order by epoch desc, sequence desc limit ${SAMPLES_OF_ONE}
    ) as latest`.execute(database)
  const byHost = new Map<string, typeof rows>()
  for (const row of rows) byHost.set(row.id, [...(byHost.get(row.id) ?? []), row])
  return [...byHost.values()].map((samples) =>
    samples
      .filter(({ started_at: startedAt }) => startedAt.getTime() === samples[0]?.started_at.getTime())
      .map((row) => ({
        at: inServerTime(row.sampled_at, row.skew).toISOString(),
        remaining: row.tasks_remaining,
      }))
      .reverse(),
  )
}

/** Stalled hosts whose tasks are read: those that wait longest. A task with its stack is some kilobytes. */
const STALLED_READ_MAX = 400

export const readStalled = async (
  database: Kysely<DatabaseSchema>,
  question: WaveQuestion,
): Promise<{ id: string; name: string; skew: number | null; sample: TransitionSample | null }[]> => {
  // The newest message of the two that speak of a transition: newestTransition in ingest/host-readings.ts.
  const { rows } = await sql<{ id: string; name: string; skew: number | null; sample: TransitionSample | null }>`
    select chosen.*, (
      select case kind when 'transition' then body -> 'sample' else body -> 'transition' end
      from host_readings where host_id = chosen.id and kind in ('transition', 'snapshot')
      order by epoch desc, sequence desc limit 1
    ) as sample
    from (
      select hosts.id, hosts.name, hosts.clock_skew_ms as skew from ${membersOf(question)}
        and ${runs(question)} and ${HEARD} and ${STALLED}
      order by hosts.state_since, hosts.id limit ${STALLED_READ_MAX}
    ) as chosen`.execute(database)
  return rows
}

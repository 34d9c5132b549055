import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import type { HostStage } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { createWaveCurve, type WaveCurve } from '@rebootless/shared/domain/rollouts/wave-curve.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { inServerTime } from '../ingest/host-clock.ts'

/** Whose transitions are asked for. */
export interface WaveQuestion {
  readonly rollout: string
  /** Null: all waves. */
  readonly wave: number | null
  /** Livepatches that the rollout is about; null: whatever runs, since a vendor's update names none. */
  readonly patches: readonly string[] | null
  /** When it began, the latest time: samples from before tell of something else. */
  readonly begunAt: Date
}

export interface WaveMember {
  readonly id: string
  readonly stage: HostStage
  /** Rises when the host says something new; null: it was removed. */
  readonly revision: string | null
  readonly skew: number | null
  /** A transition of the rollout's own runs on it, as far as is known. */
  readonly runs: boolean
  readonly stalled: boolean
  readonly heard: boolean
  readonly tasks_total: number
  readonly tasks_remaining: number
  readonly state_since: Date | null
}

/** A row of the list is some hundred bytes, and what is asked of it all is counted here: the database reads each once. */
export const readMembers = async (database: Kysely<DatabaseSchema>, question: WaveQuestion): Promise<WaveMember[]> => {
  const { rollout, wave, patches } = question
  const ofIt = patches === null ? sql`true` : sql`hosts.transition ->> 'patch' = any(${[...patches]}::text[])`
  const { rows } = await sql<WaveMember>`
    select rollout_hosts.host_id as id, rollout_hosts.stage, hosts.revision, hosts.clock_skew_ms as skew,
      hosts.transition is not null and ${ofIt} as runs,
      coalesce((hosts.transition ->> 'blockingTotal')::int > 0, false) as stalled,
      coalesce(hosts.contact = 'fresh', false) as heard,
      coalesce(hosts.tasks_total, 0) as tasks_total, coalesce(hosts.tasks_remaining, 0) as tasks_remaining,
      case when hosts.transition is not null then hosts.state_since end as state_since
    from rollout_hosts left join hosts on hosts.id = rollout_hosts.host_id
    where rollout_hosts.rollout_id = ${rollout} ${wave === null ? sql`` : sql`and rollout_hosts.wave = ${wave}`}
    `.execute(database)
  return rows
}

interface KnownHost {
  readonly revision: string
  readonly epoch: string
  readonly sequence: string
}
/** The curve of a wave as far as it was read. */
export interface KnownCurve {
  readonly curve: WaveCurve
  readonly hosts: Map<string, KnownHost>
}
export const newCurve = (): KnownCurve => ({ curve: createWaveCurve(), hosts: new Map() })

/** How wrong the dates of hosts may be after they were set right (inServerTime). */
const DATES_SLACK_MS = 5_000
/** The first look at a wave may find a million samples. */
const HOSTS_AT_ONCE = 500

/** Takes the samples that are new of hosts that said something since; one that comes late, behind its followers, is left out. */
export const readNewSamples = async (
  database: Kysely<DatabaseSchema>,
  { patches, begunAt }: WaveQuestion,
  members: readonly WaveMember[],
  known: KnownCurve,
): Promise<void> => {
  const changed = members.filter(({ id, revision }) => revision !== null && known.hosts.get(id)?.revision !== revision)
  const ofIt = patches === null ? sql`true` : sql`patch = any(${[...patches]}::text[])`
  for (let from = 0; from < changed.length; from += HOSTS_AT_ONCE) {
    const some = changed.slice(from, from + HOSTS_AT_ONCE)
    const places = some.map(({ id }) => known.hosts.get(id) ?? { epoch: '-1', sequence: '-1' })
    const { rows } = await sql<{
      id: string
      epoch: string
      sequence: string
      /** Milliseconds since 1970, by the host's clock. */
      sampled: number
      remaining: number
    }>`
      select known.id, found.* from unnest(
        ${some.map(({ id }) => id)}::uuid[], ${places.map(({ epoch }) => epoch)}::bigint[],
        ${places.map(({ sequence }) => sequence)}::bigint[]
      ) as known (id, epoch, sequence)
      cross join lateral (
        select epoch, sequence, date_part('epoch', sampled_at) * 1000 as sampled, tasks_remaining as remaining
        from transition_samples
        where host_id = known.id and (epoch, sequence) > (known.epoch, known.sequence) and ${ofIt}
        order by epoch, sequence
      ) as found`.execute(database)
    const byHost = new Map<string, typeof rows>()
    for (const row of rows) {
      const samples = byHost.get(row.id)
      if (samples === undefined) byHost.set(row.id, [row])
      else samples.push(row)
    }
    for (const [index, { id, revision, skew, runs }] of some.entries()) {
      const samples = byHost.get(id) ?? []
      const { epoch = '-1', sequence = '-1' } = samples.at(-1) ?? places[index] ?? {}
      known.hosts.set(id, { revision: revision ?? '', epoch, sequence })
      const ours = samples
        .map(({ sampled, remaining }) => ({ at: sampled - (skew ?? 0), remaining }))
        .filter(({ at }) => at >= begunAt.getTime() - DATES_SLACK_MS)
      known.curve.take(id, ours, runs)
    }
  }
}

/** Hosts whose transitions are looked at one by one: those with most tasks left, which will be the last. */
const RUNNING_READ_MAX = 200
/** One a second: what estimateTransition looks at. */
const SAMPLES_OF_ONE = 31

/** What was sampled of transitions that run, oldest first, by our clock. */
export const readRunning = async (
  database: Kysely<DatabaseSchema>,
  running: readonly WaveMember[],
): Promise<{ at: string; remaining: number }[][]> => {
  const chosen = [...running].sort((a, b) => b.tasks_remaining - a.tasks_remaining).slice(0, RUNNING_READ_MAX)
  if (chosen.length === 0) return []
  const { rows } = await sql<{ id: string; started_at: Date; sampled_at: Date; tasks_remaining: number }>`
    select chosen.id, latest.* from unnest(${chosen.map(({ id }) => id)}::uuid[]) as chosen (id)
    cross join lateral (
      select started_at, sampled_at, tasks_remaining from transition_samples
      where host_id = chosen.id order by epoch desc, sequence desc limit ${SAMPLES_OF_ONE}
    ) as latest`.execute(database)
  return chosen.map(({ id, skew }) => {
    const samples = rows.filter((row) => row.id === id)
    return samples
      .filter(({ started_at: startedAt }) => startedAt.getTime() === samples[0]?.started_at.getTime())
      .map((row) => ({ at: inServerTime(row.sampled_at, skew).toISOString(), remaining: row.tasks_remaining }))
      .reverse()
  })
}

/** Stalled hosts whose tasks are read: those that wait longest. A task with its stack is some kilobytes. */
const STALLED_READ_MAX = 250

export const readStalled = async (
  database: Kysely<DatabaseSchema>,
  stalled: readonly WaveMember[],
): Promise<{ id: string; name: string; skew: number | null; sample: TransitionSample | null }[]> => {
  const chosen = [...stalled]
    .sort((a, b) => (a.state_since?.getTime() ?? 0) - (b.state_since?.getTime() ?? 0))
    .slice(0, STALLED_READ_MAX)
  if (chosen.length === 0) return []
  // The newest message of the two that speak of a transition: newestTransition in ingest/host-readings.ts.
  const { rows } = await sql<{ id: string; name: string; skew: number | null; sample: TransitionSample | null }>`
    select hosts.id, hosts.name, hosts.clock_skew_ms as skew, (
      select case kind when 'transition' then body -> 'sample' else body -> 'transition' end
      from host_readings where host_id = hosts.id and kind in ('transition', 'snapshot')
      order by epoch desc, sequence desc limit 1
    ) as sample
    from hosts where hosts.id = any(${chosen.map(({ id }) => id)}::uuid[])`.execute(database)
  return rows
}

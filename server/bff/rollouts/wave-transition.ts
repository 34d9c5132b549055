import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { WaveTransition } from '@rebootless/shared/contract/rollout-transition.ts'
import type { RolloutHead } from '@rebootless/shared/contract/rollouts-api.ts'
import { blockingGroups } from '@rebootless/shared/domain/rollouts/blocking-groups.ts'
import { ENDED } from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import type { HostStage } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { hostsPerMinute, waveEstimate } from '@rebootless/shared/domain/rollouts/wave-estimate.ts'
import { waveSentence } from '@rebootless/shared/domain/rollouts/wave-sentence.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { inServerTime } from '../ingest/host-clock.ts'
import { planOf, type RolloutRow } from './stored-rollout.ts'
import { requireVisible } from './visible.ts'
import { type KnownCurve, newCurve, readMembers, readNewSamples, readRunning, readStalled } from './wave-samples.ts'

/** Stages from which a host is yet to come to its end, one way and the other. */
const OPEN: ReadonlySet<HostStage> = new Set(['waiting', 'told', 'changing', 'stalled', 'undoing'])
const OPEN_UNDOING: ReadonlySet<HostStage> = new Set(['done', 'told', 'changing', 'stalled', 'undoing'])

const isUndoing = ({ phase, reversal }: RolloutHead, wave: number | null): boolean =>
  phase === 'reversing' && reversal !== null && (wave === null || wave >= reversal.fromWave)

/** Why no further host of it begins; null: they do, in their turn. */
const heldBy = (head: RolloutHead, wave: number | null): string | null => {
  if (head.phase === 'draft') return 'the rollout has not been started'
  if (head.phase === 'awaiting approval') return 'the rollout waits for approval'
  if (head.phase === 'paused') return 'the rollout is paused'
  if (ENDED.has(head.phase)) return 'the rollout is over'
  return head.phase === 'running' && wave !== null && wave > head.wave ? 'the wave has not begun' : null
}

/** Livepatches that its transitions are of; null: its change names none. */
const patchesOf = async (
  database: Kysely<DatabaseSchema>,
  { change }: RolloutPlan,
): Promise<readonly string[] | null> => {
  if (change.kind === 'disable') return [change.patch]
  if (change.kind === 'update') return null
  const rows = await database
    .selectFrom('artefacts')
    .select('name')
    .distinct()
    .where(sql<boolean>`sha256 = any(${change.patches}::text[])`)
    .execute()
  return rows.map(({ name }) => name)
}

/** When the wave began, the latest time; of all waves when the rollout did. */
const begunAt = async (
  database: Kysely<DatabaseSchema>,
  rollout: string,
  wave: number | null,
  startedAt: Date | null,
): Promise<Date | null> => {
  if (wave === null) return startedAt
  const row = await database
    .selectFrom('rollout_decisions')
    .select('at')
    .where('rollout_id', '=', rollout)
    .where('kind', '=', 'wave begun')
    .where(sql<boolean>`(decision ->> 'wave')::int = ${wave}`)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.at ?? null
}

/** Waves whose curves are kept: of ten thousand hosts each is some megabytes. */
const CURVES_MAX = 8

/** Kept from one look to the next: the curve, and the answer that somebody waits for already. */
interface KnownWave {
  /** Which wave, and which of its rounds. */
  readonly of: string
  readonly known: KnownCurve
  running: Promise<WaveTransition> | null
}

export interface WaveTransitions {
  /**
   * The transitions of all hosts of a wave as one: curve, rates, estimate, and what blocks them by cause.
   * @param wave from 0; null: all
   * @throws DomainError `rollout_not_found`
   */
  read(scope: HostScope, id: string, wave: number | null, now: Date): Promise<WaveTransition>
}

export const createWaveTransitions = (database: Kysely<DatabaseSchema>): WaveTransitions => {
  const waves = new Map<string, KnownWave>()

  const waveOf = (key: string, of: string): KnownWave => {
    const found = waves.get(key)
    const wave = found?.of === of ? found : { of, known: newCurve(), running: null }
    waves.delete(key)
    waves.set(key, wave)
    const [oldest] = waves.keys()
    if (waves.size > CURVES_MAX && oldest !== undefined) waves.delete(oldest)
    return wave
  }

  return {
    async read(scope, id, wave, now) {
      await requireVisible(database, scope, id)
      const row = await database
        .selectFrom('rollouts')
        .select(['plan', 'head', 'started_at'])
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      const begun = await begunAt(database, id, wave, row.started_at)
      const kept = waveOf(`${id} ${wave}`, String(begun?.getTime()))
      if (kept.running !== null) return kept.running
      kept.running = readWave(database, { id, wave, row, begunAt: begun ?? now, known: kept.known }, now)
      try {
        return await kept.running
      } finally {
        kept.running = null
      }
    },
  }
}

const readWave = async (
  database: Kysely<DatabaseSchema>,
  about: {
    readonly id: string
    readonly wave: number | null
    readonly row: Pick<RolloutRow, 'plan' | 'head'>
    readonly begunAt: Date
    readonly known: KnownCurve
  },
  now: Date,
): Promise<WaveTransition> => {
  const { id, wave, row, known } = about
  const { head } = row
  const plan = planOf(row)
  const question = { rollout: id, wave, patches: await patchesOf(database, plan), begunAt: about.begunAt }
  const members = await readMembers(database, question)
  const undoing = isUndoing(head, wave)
  const endStage: HostStage = undoing ? 'undone' : 'done'
  const inTransition = members.filter(({ runs }) => runs)
  const heard = inTransition.filter((member) => member.heard)
  const blocked = heard.filter(({ stalled }) => stalled)
  const moving = heard.filter(({ stalled }) => !stalled)
  const atRest = members.filter(({ runs }) => !runs)
  const waiting = atRest.filter(({ stage }) => (undoing ? OPEN_UNDOING : OPEN).has(stage)).length
  const done = atRest.filter(({ stage }) => stage === endStage).length
  const hosts = {
    ...{ total: members.length, waiting, inTransition: inTransition.length, stalled: blocked.length },
    ...{ notHeard: inTransition.length - heard.length, done, others: atRest.length - waiting - done },
  }
  const [, running, stalled] = await Promise.all([
    readNewSamples(database, question, members, known),
    readRunning(database, moving),
    readStalled(database, blocked),
  ])
  const curve = known.curve.read(now.getTime(), hosts.waiting + hosts.inTransition === 0)
  const { groups, total } = blockingGroups(
    stalled.flatMap(({ id: host, name, skew, sample }) => {
      const toServerTime = (time: string) => inServerTime(time, skew).toISOString()
      return sample === null ? [] : [{ id: host, name, sample, toServerTime }]
    }),
  )
  const target = (plan.change.kind === 'disable') === undoing ? 'patching' : 'unpatching'
  const tasks = {
    total: inTransition.reduce((sum, member) => sum + member.tasks_total, 0),
    left: inTransition.reduce((sum, member) => sum + member.tasks_remaining, 0),
  }
  const { ended } = curve
  return {
    ...{ target, hosts, tasks, points: curve.points, tasksPerSecond: curve.tasksPerSecond },
    hostsPerMinute: hostsPerMinute({ ended }),
    estimate: waveEstimate({
      ...{ now: now.getTime(), waiting, held: heldBy(head, wave), stalled: hosts.stalled, notHeard: hosts.notHeard },
      ...{ running, runningUnread: moving.length - running.length, ended },
    }),
    sentence: waveSentence(hosts, tasks, target),
    ...{ blocking: groups, blockingGroupTotal: total, stalledHostsRead: stalled.length },
    asOf: now.toISOString(),
  }
}

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
import { planOf } from './stored-rollout.ts'
import { requireVisible } from './visible.ts'
import {
  countTransitions,
  readCurve,
  readRunning,
  readStalled,
  type StageCount,
  type WaveQuestion,
} from './wave-samples.ts'

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

const sum = (stages: readonly StageCount[], count: (row: StageCount) => number): number =>
  stages.reduce((total, row) => total + count(row), 0)

/**
 * The transitions of all hosts of a wave as one: curve, rate, estimate, and what blocks them by cause.
 * @param wave from 0; null: all
 * @throws DomainError `rollout_not_found`
 */
export const readWaveTransition = async (
  database: Kysely<DatabaseSchema>,
  scope: HostScope,
  id: string,
  wave: number | null,
  now: Date,
): Promise<WaveTransition> => {
  await requireVisible(database, scope, id)
  const row = await database
    .selectFrom('rollouts')
    .select(['plan', 'head', 'started_at'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  const { head } = row
  const plan = planOf(row)
  const begun = await begunAt(database, id, wave, row.started_at)
  const question: WaveQuestion = {
    ...{ rollout: id, wave, patches: await patchesOf(database, plan), begunAt: begun ?? now },
  }
  const stages = await countTransitions(database, question)
  const undoing = isUndoing(head, wave)
  const open = stages.filter(({ stage }) => (undoing ? OPEN_UNDOING : OPEN).has(stage))
  const endStage: HostStage = undoing ? 'undone' : 'done'
  const inTransition = sum(stages, ({ running }) => running)
  const hosts = {
    ...{ total: sum(stages, (stage) => stage.hosts), inTransition },
    waiting: sum(open, (stage) => stage.hosts - stage.running),
    stalled: sum(stages, ({ stalled }) => stalled),
    notHeard: sum(stages, (stage) => stage.not_heard),
    done: sum(stages, (stage) => (stage.stage === endStage ? stage.hosts - stage.running : 0)),
    others: 0,
  }
  hosts.others = hosts.total - hosts.waiting - inTransition - hosts.done
  const [curve, running, stalled] = await Promise.all([
    readCurve(database, question, now, hosts.waiting + inTransition === 0),
    inTransition === 0 ? [] : readRunning(database, question),
    hosts.stalled === 0 ? [] : readStalled(database, question),
  ])
  const { groups, total } = blockingGroups(
    stalled.flatMap(({ id: host, name, skew, sample }) => {
      const toServerTime = (time: string) => inServerTime(time, skew).toISOString()
      return sample === null ? [] : [{ id: host, name, sample, toServerTime }]
    }),
  )
  const isOut = plan.change.kind === 'disable'
  const target = isOut === undoing ? 'patching' : 'unpatching'
  const tasks = { total: sum(stages, (stage) => stage.tasks_total), left: sum(stages, (stage) => stage.tasks_left) }
  const { ended } = curve
  return {
    ...{ target, hosts, tasks, points: [...curve.points] },
    tasksPerSecond:
      inTransition === 0 || curve.switchedMs < 1_500 ? null : (curve.switchedLately / curve.switchedMs) * 1000,
    hostsPerMinute: hostsPerMinute({ ended }),
    estimate: waveEstimate({
      ...{ now: now.getTime(), waiting: hosts.waiting, held: heldBy(head, wave) },
      ...{ stalled: hosts.stalled, notHeard: hosts.notHeard, running, ended },
      runningUnread: Math.max(0, inTransition - hosts.stalled - hosts.notHeard - running.length),
    }),
    sentence: waveSentence(hosts, tasks, target),
    ...{ blocking: groups, blockingGroupTotal: total, stalledHostsRead: stalled.length },
    asOf: now.toISOString(),
  }
}

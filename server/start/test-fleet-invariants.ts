import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { RolloutDecision } from '@rebootless/shared/contract/rollouts-api.ts'
import { replayRollout } from '@rebootless/shared/domain/rollouts/replay.ts'
import { ENDED, isInChange, isSettled, type RolloutState } from '@rebootless/shared/domain/rollouts/rollout-state.ts'
import { windowEnd } from '@rebootless/shared/domain/rollouts/windows.ts'
import type { HostInRun } from './test-simulated-host.ts'

export interface Seen {
  readonly plan: RolloutPlan
  readonly state: RolloutState
  readonly decisions: readonly RolloutDecision[]
  readonly sentence: string
  readonly hosts: readonly HostInRun[]
  readonly patch: string
  /** Commands that were made to load, by host. */
  readonly commands: ReadonlyMap<string, number>
  /** How far any two clocks of the run can be apart. */
  readonly skewMs: number
}

/** What must hold at each moment, by the rollout's log and by what kernels did. */
export const violationsOf = (seen: Seen): string[] => [
  ...ofLog(seen),
  ...ofLimits(seen),
  ...seen.hosts.flatMap((host) => ofHost(host, seen)),
]

const ofLog = ({ plan, state, decisions, sentence }: Seen): string[] => {
  const found: string[] = []
  const begun = plan.waves.map(() => 0)
  for (const [place, { number, kind, wave }] of decisions.entries()) {
    if (number !== place) found.push(`decision ${number} stands in place ${place}`)
    if (wave === null) continue
    if (kind === 'wave begun') begun[wave] = (begun[wave] ?? 0) + 1
    if (kind === 'wave undone') begun[wave] = 0
    if ((begun[wave] ?? 0) > 1) found.push(`wave ${wave} was begun twice`)
  }
  const replayed = replayRollout(plan.waves.length, decisions)
  const stages = state.waves.map(({ stage }) => stage)
  if (replayed.phase !== state.phase) found.push(`the log says ${replayed.phase}, the state ${state.phase}`)
  if (replayed.stages.join() !== stages.join()) found.push(`the log says ${replayed.stages}, the state ${stages}`)
  if (!/^\S.*[^ ]$/s.test(sentence)) found.push(`it says “${sentence}”`)
  return found
}

const ofLimits = ({ plan, state, hosts }: Seen): string[] => {
  // Whom people left out, or gave up to undo, is theirs to look after.
  const isCounted = (id: string) => {
    const stage = state.hosts.get(id)?.stage
    return stage !== undefined && stage !== 'left out' && stage !== 'undo failed'
  }
  const counted = [...state.hosts.values()].filter(isInChange).map(({ id }) => id)
  const changing = hosts.filter((host) => host.isChanging() && isCounted(host.id)).map(({ id }) => id)
  const rackOf = new Map(hosts.map(({ id, rack }) => [id, rack]))
  const { atOnce, domains } = plan.limits
  return [['by what it counts', counted] as const, ['by their kernels', changing] as const].flatMap(([how, ids]) => {
    const found: string[] = []
    if (atOnce !== null && ids.length > atOnce) found.push(`${ids.length} of ${atOnce} in change, ${how}`)
    for (const { atMost } of domains) {
      for (const rack of new Set(rackOf.values())) {
        const among = ids.filter((id) => rackOf.get(id) === rack).length
        if (among > atMost) found.push(`${among} of ${atMost} in change in rack ${rack}, ${how}`)
      }
    }
    return found
  })
}

const ofHost = ({ id, name, insertions }: HostInRun, { plan, commands, skewMs }: Seen): string[] => {
  const made = commands.get(id) ?? 0
  const found =
    insertions.length > made ? [`${name} put the module in ${insertions.length} times for ${made} commands`] : []
  for (const at of insertions) {
    const isInside = [at, at - skewMs, at + skewMs].some((near) => windowEnd(plan.windows, near) !== null)
    if (!isInside) found.push(`${name} began ${new Date(at).toISOString()}, out of its window`)
  }
  return found
}

/** What must hold besides when nothing more befalls it. */
export const violationsAtEnd = (seen: Seen): string[] => {
  const { state, hosts, patch } = seen
  if (!ENDED.has(state.phase)) {
    const stages = [...state.hosts.values()].map(({ name, stage }) => `${name} ${stage}`)
    return [`it did not end: ${state.phase}, ${stages.join(', ')}: ${seen.sentence}`]
  }
  return hosts.flatMap((host) => {
    const progress = state.hosts.get(host.id)
    if (progress === undefined) return [`${host.name} is not in it`]
    const found: string[] = []
    if (state.phase === 'done' && !isSettled(progress)) found.push(`done, and ${host.name} is ${progress.stage}`)
    if (progress.stage === 'done' && state.phase === 'done' && !host.hasInEffect(patch))
      found.push(`${host.name} is called done, and its kernel has no ${patch}`)
    if (progress.stage === 'undone' && host.hasInEffect(patch))
      found.push(`${host.name} is called undone, and its kernel has ${patch}`)
    if (progress.stage === 'waiting' && host.insertions.length > 0 && host.hasInEffect(patch) && state.phase === 'done')
      found.push(`${host.name} is called waiting, and its kernel has ${patch}`)
    return found
  })
}

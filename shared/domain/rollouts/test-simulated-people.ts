import type { RolloutPlan } from '../../contract/rollout-plan.ts'
import type { HostProgress, RolloutAct } from '../../contract/rollouts-api.ts'
import { actRefusal } from './offered-acts.ts'
import { goalOf, type RolloutState } from './rollout-state.ts'
import type { TestChance } from './test-chance.ts'

/** Anything, whether it can be done or not. */
export const someAct = (chance: TestChance, plan: RolloutPlan, { hosts }: RolloutState): RolloutAct => {
  const reason = 'at a random moment'
  const wave = chance.integer(0, plan.waves.length - 1)
  const afterwards = chance.pick<'end' | 'pause'>(['end', 'pause'])
  return chance.pick<RolloutAct>([
    { kind: 'pause', reason },
    { kind: 'resume', reason },
    { kind: 'resume', reason },
    { kind: 'promote', reason },
    { kind: 'exclude', reason, hosts: [chance.pick([...hosts.keys()] as [string])] },
    { kind: 'approve gate', reason, wave, gate: chance.integer(0, 3) },
    { kind: 'start', reason },
    ...(chance.chance(0.25) ? [{ kind: 'abort', reason } as const] : []),
    ...(chance.chance(0.5) ? [{ kind: 'reverse', reason, fromWave: wave, afterwards } as const] : []),
  ])
}

/** What somebody on call may do, who wants it to end: he goes on where he can, and leaves out what holds it up. */
export const actOnCall = (
  chance: TestChance,
  plan: RolloutPlan,
  state: RolloutState,
  { by, isDead }: { readonly by: string; readonly isDead: (host: string) => boolean },
): RolloutAct | null => {
  const reason = 'on call'
  const holdsUp = ({ id, stage, leaving, reading }: HostProgress): boolean => {
    if (stage === 'failed' || stage === 'undo failed') return true
    if (stage === 'done') return reading?.effect !== goalOf(plan) || !reading.connected
    return leaving === null && (stage === 'vanished' || stage === 'stalled' || (stage === 'undoing' && isDead(id)))
  }
  const hosts = [...state.hosts.values()].filter(holdsUp).map(({ id }) => id)
  const offers: RolloutAct[] = [
    { kind: 'start', reason },
    { kind: 'resume', reason },
    { kind: 'promote', reason },
    ...(hosts.length > 0 ? [{ kind: 'exclude', reason, hosts } as const] : []),
    ...(state.waves[state.wave]?.gates ?? []).map(
      (_, gate) => ({ kind: 'approve gate', reason, wave: state.wave, gate }) as const,
    ),
  ]
  const possible = offers.filter((act) => actRefusal(plan, state, act, by) === null)
  return possible.length === 0 ? null : chance.pick(possible as [RolloutAct])
}

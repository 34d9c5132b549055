import type { RolloutPlan } from '../../contract/rollout-plan.ts'
import type { RolloutAct, RolloutActOffer } from '../../contract/rollouts-api.ts'
import { cut, listed } from '../sentence.ts'
import { whyNotApproved } from './gate-approval.ts'
import { failedRecheck } from './gates.ts'
import { overRefusal, type RolloutState } from './rollout-state.ts'

/** Each act as a person would do it who names nothing: hosts and gates are chosen on the page. */
const ACTS: readonly RolloutAct[] = [
  { kind: 'start', reason: '-' },
  { kind: 'pause', reason: '-' },
  { kind: 'resume', reason: '-' },
  { kind: 'promote', reason: '-' },
  { kind: 'abort', reason: '-' },
  { kind: 'reverse', reason: '-', fromWave: 0, afterwards: 'end' },
  { kind: 'exclude', reason: '-', hosts: [] },
]

/** What can be done now, whoever asks. */
export const offeredActs = (plan: RolloutPlan, state: RolloutState): RolloutActOffer[] =>
  ACTS.map((act) => {
    const refusal = actRefusal(plan, state, act, null)
    return { kind: act.kind, refusal: refusal === null ? null : cut(refusal, 1000) }
  })

/** Why a person's act cannot be done now, in a sentence; null: it can. Pages and engine ask the same function. */
export const actRefusal = (
  plan: RolloutPlan,
  state: RolloutState,
  act: RolloutAct,
  by: string | null,
): string | null => {
  const { phase } = state
  const over = overRefusal(phase)
  switch (act.kind) {
    case 'start':
      return phase === 'draft' ? null : 'It was started already.'
    case 'pause':
      return phase === 'running' ? null : (over ?? `It is ${phase}: only what runs is paused.`)
    case 'resume':
      return phase === 'paused' ? null : (over ?? `It is ${phase}: only what is paused is resumed.`)
    case 'abort':
      return over
    case 'promote':
      return whyNotPromoted(plan, state)
    case 'reverse':
      return whyNotReversed(plan, state, act.fromWave)
    case 'exclude':
      return over ?? unknownHosts(state, act.hosts)
    case 'approve gate':
      return whyNotApproved(plan, state, act, by)
  }
}

const whyNotPromoted = (plan: RolloutPlan, state: RolloutState): string | null => {
  if (state.phase !== 'running') return `It is ${state.phase}: only a running rollout is promoted.`
  const stage = state.waves[state.wave]?.stage
  if (stage === 'going') return 'Hosts of the wave have not settled: wait for them, or leave them out.'
  if (stage !== 'soaking' && stage !== 'at its gate') return 'No wave waits for its soak or its gates.'
  return failedRecheck(plan, state.hosts.values(), state.wave)
}

const whyNotReversed = (
  plan: RolloutPlan,
  { phase, reversal, waves, hosts }: RolloutState,
  from: number,
): string | null => {
  if (phase === 'draft' || phase === 'awaiting approval') return 'Nothing was done yet: abort it.'
  if (phase === 'reversed') return 'All of it is undone already.'
  if (phase === 'reversing' && reversal !== null && reversal.fromWave <= from) return 'It is being undone already.'
  if (from >= waves.length) return `There is no wave ${from + 1}.`
  const isBegun = [...hosts.values()].some(({ wave, attempt }) => wave !== null && wave >= from && attempt > 0)
  if (!isBegun) return 'Nobody was told anything from this wave on: abort it, or leave hosts out.'
  if (plan.change.kind !== 'update') return null
  const took = [...hosts.values()].some(({ ours }) => ours)
  return took ? 'No documented command takes back what a vendor’s tool has put in.' : null
}

const unknownHosts = ({ hosts }: RolloutState, ids: readonly string[]): string | null => {
  const unknown = ids.filter((id) => !hosts.has(id))
  return unknown.length === 0 ? null : `Not of this rollout: ${listed(unknown)}.`
}

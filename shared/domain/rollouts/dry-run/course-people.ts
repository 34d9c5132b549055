import type { RolloutPlan } from '../../../contract/rollout-plan.ts'
import type { RolloutAct } from '../../../contract/rollouts-api.ts'
import { failedRecheck, gateName, shutGate } from '../gates.ts'
import { gatesOf, type RolloutState } from '../rollout-state.ts'

/** What a person would be asked, and the acts by which the dry run goes on; null: nobody is. */
export interface Asked {
  readonly wave: number
  readonly why: string
  readonly acts: readonly { readonly by: string; readonly act: RolloutAct }[]
  /** An approval that the plan wants; a pause that it made by itself; or a gate that stays shut. */
  readonly kind: 'approval' | 'pause' | 'gate'
}

const REASON = 'in a dry run'
const HOSTS_AT_ONCE = 1000

/**
 * The person of a dry run acts at once: leaves out what stalls and resumes, gives the approvals that a gate asks for, and
 * promotes past a gate that stays shut. Where even that is refused, she ends it.
 * @param isStill nothing is under way that would open a gate by itself
 */
export const askPerson = (plan: RolloutPlan, state: RolloutState, isStill: boolean): Asked | null => {
  const { wave } = state
  if (state.phase === 'paused') {
    const stalled = [...state.hosts.values()].filter(({ stage, forgiven }) => stage === 'stalled' && !forgiven)
    const hosts = stalled.slice(0, HOSTS_AT_ONCE).map(({ id }) => id)
    const resume = { by: 'somebody', act: { kind: 'resume', reason: REASON } } as const
    const exclude = { by: 'somebody', act: { kind: 'exclude', reason: REASON, hosts } } as const
    const why = state.because ?? 'It paused.'
    return { wave, why, acts: hosts.length === 0 ? [resume] : [exclude, resume], kind: 'pause' }
  }
  if (state.phase !== 'running' || state.waves[wave]?.stage !== 'at its gate') return null
  const approvals = gatesOf(plan, wave).flatMap((gate, index) => {
    if (gate.kind !== 'approval') return []
    const given = state.waves[wave]?.approvals[index]?.length ?? 0
    return Array.from({ length: Math.max(0, gate.people - given) }, (_, person) => ({
      by: `person ${given + person + 1}`,
      act: { kind: 'approve gate', reason: REASON, wave, gate: index } as const,
    }))
  })
  if (approvals.length > 0) {
    const [first] = gatesOf(plan, wave).filter(({ kind }) => kind === 'approval')
    const why = `${plan.waves[wave]?.name ?? 'A wave'} waits for ${approvals.length === 1 ? 'a person' : `${approvals.length} people`} (${first === undefined ? 'approval' : gateName(first)}).`
    return { wave, why, acts: approvals, kind: 'approval' }
  }
  if (!isStill) return null
  const recheck = failedRecheck(plan, state.hosts.values(), wave)
  const shut = shutGate(plan, state, wave) ?? recheck ?? 'It stands at its gate.'
  const act: RolloutAct = { kind: recheck === null ? 'promote' : 'abort', reason: REASON }
  return { wave, why: shut, acts: [{ by: 'somebody', act }], kind: 'gate' }
}
